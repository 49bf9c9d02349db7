"""What clients ask: checked, answered by the guard itself, refused, or made anew for the kernel.

- A client is believed when it holds the connection's key; a message that was seen before is a replay and is dropped.
- What the guard knows it answers (`answers`); the rest is rebuilt field by field (`rules.requests`) before it is sent.
- While protected code is on its way, what is asked of the kernel waits.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from kernel_guard.errors import KernelGuardError
from kernel_guard.wrapper import answers
from kernel_guard.wrapper.connection import Connection
from kernel_guard.wrapper.frames import BadFrames, Message, Oversized, Signer, make_header, pack, unpack
from kernel_guard.wrapper.protected import ProtectedCells
from kernel_guard.wrapper.publisher import Publisher
from kernel_guard.wrapper.rules import requests, widgets
from kernel_guard.wrapper.rules.actions import Comm
from kernel_guard.wrapper.rules.comms import CONTROL
from kernel_guard.wrapper.rules.fields import Refused, rebuild
from kernel_guard.wrapper.rules.replies import reply_type
from kernel_guard.wrapper.session import Request, Session
from kernel_guard.wrapper.sockets import Kernel
from kernel_guard.wrapper.startup import Started

_MAX_SEEN = 65_536
_MAX_CLIENT_MESSAGE = 64 << 20
_MAX_ID = 200


class Inbound:
    """The way from the clients of one connection file to one kernel."""

    def __init__(
        self,
        connection: Connection,
        started: Started,
        language: str,
        session: Session,
        publisher: Publisher,
        protected: ProtectedCells,
        kernel: Kernel | None,
        leave: Callable[[int], None],
    ) -> None:
        self._connection, self._started, self._guest, self._language = connection, started, started.guest, language
        self._session, self._publisher, self._protected = session, publisher, protected
        self._kernel, self._leave = kernel, leave
        self._signer = Signer(connection.key)
        self._inner_signer = Signer(started.guest.key) if started.guest else self._signer
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def take(self, channel: str, frames: list[bytes], *, abort: bool = False) -> None:
        """One message of a client; `abort`: a cell before it has failed, so it is not run."""
        if channel == "shell" and self._protected.active:
            self._protected.hold(frames)
            return
        try:
            message = unpack(frames, self._signer, _MAX_CLIENT_MESSAGE)
        except (BadFrames, Oversized):
            self._session.dropped["client frames"] += 1
            return
        row = requests.TABLE.get((channel, message.msg_type))
        msg_id = message.header.get("msg_id")
        if row is None or not isinstance(msg_id, str) or not 0 < len(msg_id) <= _MAX_ID or self._is_replay(message):
            self._session.dropped["client message"] += 1
            return
        request = Request(msg_id, message.msg_type, channel, message.route, message.header)
        if row.answered:
            self._answer(request, message.content)
            return
        if abort and request.msg_type == "execute_request":
            self._abort(request)
            return
        try:
            self._forward(request, message, rebuild(message.content, row.fields))
        except Refused:
            self._refuse(request, "BadRequest", "The guard could not read this request.")

    def _is_replay(self, message: Message) -> bool:
        if message.signature in self._seen:
            return True
        self._seen[message.signature] = None
        if len(self._seen) > _MAX_SEEN:
            self._seen.popitem(last=False)
        return False

    def _answer(self, request: Request, content: dict[str, Any]) -> None:
        """What the guard knows itself: busy, reply, idle."""
        reply = self._reply_to(request.msg_type, content)
        self._publisher.state(request, "busy")
        self._publisher.reply(request, request.channel, reply_type(request.msg_type), reply)
        self._publisher.state(request, "idle")
        # A client shows the last state that it heard, and a cell may still be running.
        for running in self._session.running():
            self._publisher.state(running, "busy")
            break
        if request.msg_type == "shutdown_request":
            self._publisher.publish_own("shutdown_reply", reply)
            self._leave(0)

    def _reply_to(self, msg_type: str, content: dict[str, Any]) -> dict[str, Any]:
        match msg_type:
            case "kernel_info_request":
                return answers.kernel_info(self._language)
            case "connect_request":
                return answers.connect(self._connection)
            case "comm_info_request":
                return answers.comm_info(self._session, content)
            case "history_request":
                return answers.history(self._session, content)
            case "usage_request":
                return answers.usage(self._guest.usage() if self._guest else {})
            case "debug_request":
                return answers.debug(content)
            case "interrupt_request":
                if self._guest and not self._protected.outlasts_interrupt():
                    self._guest.interrupt()
                return {"status": "ok"}
            case _:
                return {"status": "ok", "restart": content.get("restart") is True}

    def _forward(self, request: Request, message: Message, content: dict[str, Any]) -> None:
        """To the kernel, as a new message that keeps the client's id."""
        if self._kernel is None:
            error = self._started.refusal
            self._refuse(request, type(error).__name__, str(error))
            return
        if request.msg_type == "input_reply":
            if request.route not in self._session.asked:
                self._session.dropped["unasked input"] += 1
                return
            self._session.asked.discard(request.route)
        elif not self._note(request, content) or not self._admit(request, content):
            return
        header = {**make_header(request.msg_type), "msg_id": request.msg_id}
        if isinstance(subshell := message.header.get("subshell_id"), str):
            header["subshell_id"] = subshell[:_MAX_ID]
        metadata = requests.kept_metadata(message.metadata)
        buffers = message.buffers if request.msg_type.startswith("comm_") else ()
        self._kernel.send(request.channel, pack(self._inner_signer, header, {}, metadata, content, buffers))

    def _note(self, request: Request, content: dict[str, Any]) -> bool:
        """Remember what outputs of this request may refer to; False where it is not to be forwarded."""
        if request.msg_type == "execute_request":
            request.code = content["code"]
            request.silent = content.get("silent", False)
            request.allow_stdin = content.get("allow_stdin", False)
            request.expressions = frozenset(content.get("user_expressions", {}))
            if not request.silent and content.get("store_history", True):
                self._session.log_input(request.code)
        elif request.msg_type == "comm_open" and not self._opens(content):
            self._session.dropped["client comm"] += 1
            return False
        self._session.add_request(request)
        if self._started.banner and request.code and not request.silent:
            title, text = self._started.banner
            self._publisher.notice(request, "warning", title, text)
            self._started = Started(self._guest)
        return True

    def _admit(self, request: Request, content: dict[str, Any]) -> bool:
        """Protected code is not for the kernel: it gets the trial in its place, or nothing where its line is wrong."""
        try:
            content |= {"code": self._protected.admit(request, request.code)} if request.code else {}
        except KernelGuardError as error:
            self._refuse(request, type(error).__name__, str(error))
            return False
        return True

    def _opens(self, content: dict[str, Any]) -> bool:
        comm_id, target = content["comm_id"], content["target_name"]
        state = content.get("data", {}).get("state")
        if self._session.comm(comm_id) is not None or not (target == CONTROL or widgets.may_open(state)):
            return False
        self._session.set_comm(comm_id, Comm(target, *(("", "") if target == CONTROL else widgets.model_of(state))))
        return True

    def _refuse(self, request: Request, name: str, text: str) -> None:
        """Answer in the kernel's place that this was not done: a client waits for reply and idle."""
        self._publisher.state(request, "busy")
        error: dict[str, Any] = {"ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}
        if request.msg_type == "execute_request":
            self._publisher.error(request, error)
            error |= {"execution_count": 0, "payload": [], "user_expressions": {}}
        if request.msg_type.endswith("_request"):
            reply = {"status": "error", **error}
            self._publisher.reply(request, request.channel, reply_type(request.msg_type), reply)
        self._publisher.state(request, "idle")

    def _abort(self, request: Request) -> None:
        """What a kernel answers to cells that were sent before an earlier one failed."""
        self._publisher.state(request, "busy")
        self._publisher.reply(request, "shell", "execute_reply", {"status": "aborted"})
        self._publisher.state(request, "idle")
