"""From decisions of the rules to messages of the guard.

- Header, parent, topic, route and signature are made here; the parent is the client's own header as it was received.
- Every display carries a signed label. A cell that has shown its share is cut off with one notice.
- A request is busy once and idle once: a kernel cannot reopen a cell that has ended, so late outputs stay marked late.
"""

from __future__ import annotations

import time
from typing import Any

from kernel_guard.trust.labels import KEY
from kernel_guard.wrapper import notices
from kernel_guard.wrapper.frames import Signer, make_header, now, pack
from kernel_guard.wrapper.labels import Labeller
from kernel_guard.wrapper.rules.actions import (
    Action,
    CloseComm,
    Comm,
    Drop,
    OpenComm,
    RefuseComm,
    RememberDisplay,
    Send,
    SetState,
    Withhold,
)
from kernel_guard.wrapper.seals import Journal
from kernel_guard.wrapper.session import Request, Session
from kernel_guard.wrapper.sockets import Clients

MAX_CELL_BYTES = 20_000_000
MAX_CELL_MESSAGES = 20_000
# Threads and widgets may speak after their cell; after an hour it is no longer that cell's output.
MAX_LATE_SECONDS = 3_600.0
_DISPLAYS = ("display_data", "execute_result", "update_display_data")
_OUTPUTS = (*_DISPLAYS, "stream", "error")
_COUNTED = (*_OUTPUTS, "clear_output", "comm_open", "comm_msg")


class Publisher:
    """Sends on behalf of the guard."""

    def __init__(
        self, clients: Clients, signer: Signer, session: Session, labeller: Labeller, journal: Journal
    ) -> None:
        self._clients, self._signer, self._session, self._labeller = clients, signer, session, labeller
        self._journal = journal
        self._unsealed: dict[str, Request] = {}

    def act(self, channel: str, request: Request, actions: list[Action]) -> None:
        """Carry out what the rules decided on one message of the kernel."""
        for action in actions:
            match action:
                case Send() if channel == "iopub":
                    self._show(request, action)
                case Send():
                    self.reply(request, channel, action.msg_type, action.content)
                    if action.content.get("status") == "aborted" and not request.started:
                        # Some kernels abort without a word on iopub, and a client waits for it.
                        self._change_state(request, "busy")
                        self._change_state(request, "idle")
                case Withhold(reason):
                    self.withhold(request, reason)
                case SetState(state):
                    self._change_state(request, state)
                case _:
                    self._remember(action)

    def is_full(self, request: Request, msg_type: str) -> bool:
        """Whether a cell has shown its share: what comes after it need not be looked at. It was said once."""
        return msg_type in _OUTPUTS and "cell_full" in request.told

    def reply(self, request: Request, channel: str, msg_type: str, content: dict[str, Any]) -> None:
        """To the client that asked."""
        if msg_type.endswith("_reply"):
            request.replied = True
        metadata = {"started": request.started} if msg_type == "execute_reply" and request.started else {}
        frames = pack(self._signer, make_header(msg_type), request.header, metadata, content)
        self._clients.send(channel, request.route, frames)

    def state(self, request: Request, state: str) -> None:
        """Tell every client that a request is being worked on, or done."""
        self._publish(request.header, "status", {"execution_state": state})

    def withhold(self, request: Request, reason: str) -> None:
        """Say once for each cell and reason that something was not shown."""
        if reason not in request.told:
            request.told.add(reason)
            self._display(request, notices.withheld(reason), "withheld")

    def notice(self, request: Request, level: str, title: str, text: str) -> None:
        """Show a banner of the guard in a cell's output."""
        self._display(request, notices.notice(level, title, text), "notice")

    def error(self, request: Request, content: dict[str, Any]) -> None:
        """An error of the guard in a cell's output."""
        self._publish(request.header, "error", content)

    def publish_own(self, msg_type: str, content: dict[str, Any], topic: str | None = None) -> None:
        """A message of the guard that answers nobody: welcome, shutdown."""
        self._clients.publish(topic if topic is not None else msg_type, self._frames({}, msg_type, content))

    def _show(self, request: Request, sent: Send) -> None:
        late = request.seconds_since_end()
        if late > MAX_LATE_SECONDS:
            self._session.dropped["too late"] += 1
            return
        content = sent.content
        if sent.msg_type in _DISPLAYS:
            content = self._labelled(request, sent.zone, content, late > 0)
        frames = pack(self._signer, make_header(sent.msg_type), request.header, sent.metadata, content, sent.buffers)
        if sent.msg_type not in _COUNTED or self._fits(request, sum(map(len, frames))):
            self._clients.publish(sent.msg_type, frames)
            self._record(request, sent.msg_type, content)

    def _record(self, request: Request, msg_type: str, content: dict[str, Any]) -> None:
        """What a save must be able to prove; what an Output widget catches is not in the cell's own outputs."""
        if msg_type == "comm_msg":
            self._session.note_capture(content)
        elif request.msg_id not in self._session.capturing:
            match msg_type:
                case "stream":
                    request.record.stream(content["name"], content["text"])
                case "error":
                    request.record.error(content)
                case "clear_output":
                    request.record.clear(content["wait"])
                case _ if msg_type in _DISPLAYS:
                    request.record.other()
        if request.record.dirty:
            self._unsealed[request.msg_id] = request

    def seal(self, request: Request) -> None:
        """Sign what the cell has said, for the save that may come next."""
        self._unsealed.pop(request.msg_id, None)
        if request.record.dirty:
            self._journal.write(request.record, request.code, self._session.releases.held())

    def seal_all(self) -> None:
        """Sign what running cells and threads have said since the last time."""
        for request in list(self._unsealed.values()):
            self.seal(request)

    def _fits(self, request: Request, size: int) -> bool:
        """Count an output against its cell's share."""
        request.shown_bytes += size
        request.shown_messages += 1
        if request.shown_bytes <= MAX_CELL_BYTES and request.shown_messages <= MAX_CELL_MESSAGES:
            return True
        self.withhold(request, "cell_full")
        return False

    def _display(self, request: Request, data: dict[str, Any], zone: str) -> None:
        content = self._labelled(request, zone, {"data": data, "metadata": {}, "transient": {}}, False)
        self._publish(request.header, "display_data", content)

    def _labelled(self, request: Request, zone: str, content: dict[str, Any], late: bool) -> dict[str, Any]:
        held = self._session.releases.held()
        label = self._labeller.label(zone, content["data"], request.code, held, late)
        return {**content, "metadata": {**content["metadata"], KEY: label}}

    def _publish(self, parent: dict[str, Any], msg_type: str, content: dict[str, Any]) -> None:
        self._clients.publish(msg_type, self._frames(parent, msg_type, content))

    def _frames(self, parent: dict[str, Any], msg_type: str, content: dict[str, Any]) -> list[bytes]:
        return pack(self._signer, make_header(msg_type), parent, {}, content)

    def _change_state(self, request: Request, state: str) -> None:
        if state == "busy" and not request.started:
            request.busy, request.started = True, now()
        elif state == "idle" and request.busy:
            request.busy, request.ended = False, time.monotonic()
        else:
            self._session.dropped["state"] += 1
            return
        if state == "idle":
            self.seal(request)
        self.state(request, state)

    def _remember(self, action: Action) -> None:
        match action:
            case OpenComm(comm_id, target, module, model):
                self._session.set_comm(comm_id, Comm(target, module, model))
            case RefuseComm(comm_id):
                self._session.set_comm(comm_id, Comm("", refused=True))
            case CloseComm(comm_id):
                self._session.close_comm(comm_id)
            case RememberDisplay(display_id):
                self._session.remember_display(display_id)
            case Drop(reason):
                self._session.dropped[reason] += 1
