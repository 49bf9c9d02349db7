"""What the wrapper remembers: requests, comms, displays, counts.

- A request is known by its msg_id. Several run at once (subshells, widgets), so nothing asks for "the current cell".
- Every table is bounded; the oldest entry goes.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from kernel_guard.wrapper.content.mime import Draw
from kernel_guard.wrapper.releases import Releases
from kernel_guard.wrapper.rules.actions import Comm
from kernel_guard.wrapper.seals import CellRecord

_Value = TypeVar("_Value")
MAX_REQUESTS = 20_000
MAX_COMMS = 20_000
MAX_DISPLAYS = 50_000
MAX_HISTORY = 10_000


@dataclass
class Request:
    """One request of a client, from its arrival to its last output."""

    msg_id: str
    msg_type: str
    channel: str
    route: tuple[bytes, ...]
    header: dict[str, Any]
    code: str = ""
    silent: bool = False
    allow_stdin: bool = False
    expressions: frozenset[str] = frozenset()
    busy: bool = False
    replied: bool = False
    started: str = ""
    ended: float | None = None
    shown_bytes: int = 0
    shown_messages: int = 0
    told: set[str] = field(default_factory=set)
    record: CellRecord = field(default_factory=CellRecord)

    def seconds_since_end(self) -> float:
        """How long the kernel has been done with it; 0 while it is at work."""
        return 0.0 if self.busy or self.ended is None else time.monotonic() - self.ended


class Session:
    """The wrapper's memory; the rules see it read-only."""

    def __init__(self, releases: Releases, draw: Draw) -> None:
        self.releases = releases
        self._draw = draw
        self.dropped: Counter[str] = Counter()
        self.history: deque[tuple[int, str]] = deque(maxlen=MAX_HISTORY)
        self.lines = 0
        self.asked: set[tuple[bytes, ...]] = set()  # clients that were asked for input and have not answered
        self._requests: OrderedDict[str, Request] = OrderedDict()
        self._comms: OrderedDict[str, Comm] = OrderedDict()
        self._displays: OrderedDict[str, None] = OrderedDict()
        self._salt = secrets.token_bytes(16)
        self._captures: dict[str, str] = {}

    def add_request(self, request: Request) -> None:
        """Remember a request; a msg_id that is in use again starts anew."""
        _put(self._requests, request.msg_id, request, MAX_REQUESTS)

    def request(self, msg_id: Any) -> Request | None:
        """The client's request that a message of the kernel names as its parent."""
        return self._requests.get(msg_id) if isinstance(msg_id, str) else None

    def running(self) -> Iterator[Request]:
        """Cells that the kernel is at work on."""
        return (
            request for request in self._requests.values() if request.busy and request.msg_type == "execute_request"
        )

    def interrupted(self) -> list[Request]:
        """Cells that the kernel's end leaves without an end: it may have ended before it said that it was busy."""
        cells = (request for request in self._requests.values() if request.msg_type == "execute_request")
        unanswered = [request for request in cells if request.ended is None and not request.replied]
        return list(self.running()) or unanswered[:1]

    def log_input(self, code: str) -> None:
        """Remember what a client ran; the kernel's own history is never asked."""
        self.lines += 1
        self.history.append((self.lines, code))

    @property
    def capturing(self) -> frozenset[str]:
        """Requests whose output goes to an Output widget now."""
        return frozenset(self._captures.values())

    def note_capture(self, content: dict[str, Any]) -> None:
        """An Output widget begins to catch the outputs of a request, or ends."""
        state = content["data"].get("state")
        if isinstance(state, dict) and isinstance(caught := state.get("msg_id"), str):
            self._captures.pop(content["comm_id"], None)
            if caught:
                self._captures[content["comm_id"]] = caught

    def set_comm(self, comm_id: str, comm: Comm) -> None:
        """Remember an open or a refused comm."""
        _put(self._comms, comm_id, comm, MAX_COMMS)

    def close_comm(self, comm_id: str) -> None:
        """Forget a comm."""
        self._comms.pop(comm_id, None)
        self._captures.pop(comm_id, None)

    def open_comms(self) -> dict[str, Comm]:
        """Comms that were let through."""
        return {comm_id: comm for comm_id, comm in self._comms.items() if not comm.refused}

    def remember_display(self, display_id: str) -> None:
        """An output with this id was shown; it may be updated."""
        _put(self._displays, display_id, None, MAX_DISPLAYS)

    # What rules may ask (`rules.actions.View`).

    def comm(self, comm_id: str) -> Comm | None:
        """The comm of that id."""
        return self._comms.get(comm_id)

    def knows_display(self, display_id: str) -> bool:
        """Was an output with this id shown before?"""
        return display_id in self._displays

    def display_id(self, given: str) -> str:
        """The same string every time, and no word of the kernel's."""
        return hashlib.blake2b(given.encode("utf-8", "replace"), key=self._salt, digest_size=16).hexdigest()

    def draw(self, svg: str) -> tuple[bytes, int, int] | None:
        """A drawing as a PNG."""
        return self._draw(svg)

    def release(self, release_id: str) -> dict[str, Any] | str:
        """The bundle that shows a release, or the reason why it cannot be shown."""
        return self.releases.bundle(release_id)


def _put(table: OrderedDict[str, _Value], key: str, value: _Value, limit: int) -> None:
    table[key] = value
    table.move_to_end(key)
    while len(table) > limit:
        table.popitem(last=False)
