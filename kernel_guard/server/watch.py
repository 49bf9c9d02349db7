"""Tells the open pages what has changed, over Jupyter's own event stream, so that no page asks again and again.

- An event names what changed and holds nothing else: each page fetches it with its own rights.
- One look serves all pages of this server; nobody listening, nobody looks.
- It looks with the server's own grant alone. With the session of a person who signed in it would be a hand that keeps
  the session from falling idle.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_events import EventLogger
from tornado.ioloop import PeriodicCallback

from kernel_guard.errors import KernelGuardError
from kernel_guard.server.api import vault_state
from kernel_guard.server.settings import GuardServer

SCHEMA_ID = "urn:kernel-guard:changed"
LOOK_EVERY_MS = 3_000
ALIVE_EVERY = 5  # looks; pages take a longer silence for a stream that is broken, and poll
TOPICS = ("alive", "budget", "review", "status")
SCHEMA = {
    "$id": SCHEMA_ID,
    "version": "1",
    "title": "Something changed",
    "personal-data": False,
    "type": "object",
    "required": ["what"],
    "properties": {"what": {"title": "What", "enum": list(TOPICS)}},
}


class Watch:
    """What was seen at the last look, and what differs now."""

    def __init__(self, settings: GuardServer) -> None:
        self._settings = settings
        self._seen: dict[str, bytes] = {}

    def look(self) -> list[str]:
        """The topics that changed since the last look; blocks on the vault."""
        return [topic for topic, ask in self._questions() if self._differs(topic, ask)]

    def _questions(self) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
        yield "status", lambda: vault_state(self._settings)
        yield "budget", lambda: self._settings.vault().get_json("/v1/budget")
        yield "review", lambda: self._settings.vault().get_json("/v1/review/notifications")

    def _differs(self, topic: str, ask: Callable[[], dict[str, Any]]) -> bool:
        try:
            answer = ask()
        except KernelGuardError:
            return False  # a vault that is down is the status's to tell
        digest = hashlib.sha256(json.dumps(answer, sort_keys=True).encode()).digest()
        before, self._seen[topic] = self._seen.get(topic), digest
        return before is not None and before != digest


def start(events: EventLogger, watch: Watch) -> PeriodicCallback:
    """Look every few seconds and tell; the schema is registered before, for a page hears only of what it found."""
    looks = 0

    async def tick() -> None:
        nonlocal looks
        if not is_listened_to(events):
            return
        for topic in await asyncio.to_thread(watch.look):
            tell(events, topic)
        if looks % ALIVE_EVERY == 0:
            tell(events, "alive")
        looks += 1

    timer = PeriodicCallback(tick, LOOK_EVERY_MS)
    timer.start()
    return timer


def tell(events: EventLogger, topic: str) -> None:
    events.emit(schema_id=SCHEMA_ID, data={"what": topic})


def is_listened_to(events: EventLogger) -> bool:
    """Whether a page is connected; the logger has no public way to ask, so in doubt one is."""
    listeners = getattr(events, "_modified_listeners", None)
    return listeners is None or bool(listeners.get(SCHEMA_ID))
