"""The guarded kernel's loop: clients on one side, the untrusted kernel on the other.

- No frame of one side reaches the other: a message is checked, judged by `rules` and made anew.
- One thread, bounded work per turn; it waits for nothing but the sockets.
- The kernel's end is told to every running cell, with the reason, before this process ends.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import zmq

from kernel_guard.errors import KernelGuardError
from kernel_guard.wrapper import answers
from kernel_guard.wrapper.connection import Connection
from kernel_guard.wrapper.drawings import Drawings
from kernel_guard.wrapper.frames import BadFrames, Message, Oversized, Signer, make_header, pack, unpack
from kernel_guard.wrapper.labels import Labeller, Signs
from kernel_guard.wrapper.protected import ProtectedCells
from kernel_guard.wrapper.publisher import Publisher
from kernel_guard.wrapper.releases import Releases
from kernel_guard.wrapper.rules import replies, requests, table, widgets
from kernel_guard.wrapper.rules.actions import Comm, Send
from kernel_guard.wrapper.rules.comms import CONTROL
from kernel_guard.wrapper.rules.fields import Refused, rebuild
from kernel_guard.wrapper.seals import Journal
from kernel_guard.wrapper.session import Request, Session
from kernel_guard.wrapper.settings import Settings
from kernel_guard.wrapper.sockets import Clients, Kernel, waiting
from kernel_guard.wrapper.startup import Started
from kernel_guard.wrapper.uplink import Uplink

_TURN_MS = 500
_STARTING_MS = 10
_WELCOME_SECONDS = 30.0
_PING_SECONDS = 0.2
_SHUTDOWN_SECONDS = 2.0  # Jupyter kills this process after five
_MAX_SEEN = 65_536
_MAX_CLIENT_MESSAGE = 64 << 20
_MAX_ID = 200


Handler = Callable[[list[bytes]], None]


def reply_type(msg_type: str) -> str:
    """The message type that answers a request's."""
    return msg_type.replace("_request", "_reply")


class Proxy:
    """Between the clients of one connection file and one kernel."""

    def __init__(
        self,
        connection: Connection,
        started: Started,
        releases: Releases,
        key: Signs,
        settings: Settings,
        *,
        uplink: Uplink | None = None,
    ) -> None:
        self._connection, self._started, self._guest = connection, started, started.guest
        self._signer = Signer(connection.key)
        self._language = settings.language
        self._drawings = Drawings(settings.runtime_root)
        self._session = Session(releases, self._drawings.draw)
        self._clients = Clients(connection)
        labeller = Labeller(key)
        journal = Journal(settings.key_file, connection.kernel_id, labeller)
        self._publisher = Publisher(self._clients, self._signer, self._session, labeller, journal)
        self._protected = ProtectedCells(uplink, self._guest, releases, self._publisher)
        self._inner_signer = Signer(self._guest.key) if self._guest else self._signer
        self._kernel = Kernel(self._guest.endpoints) if self._guest else None
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._asked: set[tuple[bytes, ...]] = set()
        self._exit: int | None = None
        self._pinged = 0.0
        self._parent = os.getppid() if os.environ.get("JPY_PARENT_PID") == str(os.getppid()) else None

    # The loop.

    def run(self) -> int:
        """Serve until the kernel or its clients want no more; gives the exit code."""
        signal.signal(signal.SIGINT, lambda *_: self._guest.interrupt() if self._guest else None)
        signal.signal(signal.SIGTERM, lambda *_: self._leave(0))
        try:
            self._wait_for_welcome()
            self._serve()
        finally:
            self._end_guest()
            self._drawings.close()
            self._clients.close()
        return self._exit or 0

    def _wait_for_welcome(self) -> None:
        """The kernel's outputs are subscribed to before the first request goes to it."""
        self._publisher.publish_own("status", {"execution_state": "starting"})
        deadline = time.monotonic() + _WELCOME_SECONDS
        while self._kernel and self._guest and self._guest.poll() is None and self._exit is None:
            if self._kernel.iopub.poll(_STARTING_MS):
                self._kernel.iopub.recv_multipart()  # whatever it is: the subscription stands
                return
            if self._language != "python":
                # Only ipykernel welcomes a subscriber; of any other kernel the first status is waited for.
                self._ping()
            for frames in waiting(self._clients.iopub):
                self._subscribed(frames)
            if time.monotonic() > deadline:
                return

    def _ping(self) -> None:
        """Ask for something, until an answer shows that outputs are heard; the answers go nowhere."""
        if self._kernel and time.monotonic() > self._pinged + _PING_SECONDS:
            self._pinged = time.monotonic()
            header = make_header("kernel_info_request")
            self._kernel.send("shell", pack(self._inner_signer, header, {}, {}, {}))

    def _serve(self) -> None:
        handlers: dict[zmq.Socket[bytes], Handler] = {self._clients.iopub: self._subscribed}
        handlers |= {socket: partial(self._from_client, name) for name, socket in self._clients.sockets.items()}
        handlers |= {socket: partial(self._from_kernel, name) for name, socket in self._kernel_sockets()}
        poller = zmq.Poller()
        for socket in handlers:
            poller.register(socket, zmq.POLLIN)
        while self._exit is None:
            for socket, _ in poller.poll(_TURN_MS):
                for frames in waiting(socket):
                    handlers[socket](frames)
            self._check_lives()

    def _kernel_sockets(self) -> list[tuple[str, zmq.Socket[bytes]]]:
        return [("iopub", self._kernel.iopub), *self._kernel.sockets.items()] if self._kernel else []

    def _check_lives(self) -> None:
        self._protected.turn()
        for frames in self._protected.held():
            self._from_client("shell", frames, abort=self._protected.failed)
        self._publisher.seal_all()
        if self._guest and self._guest.poll() is not None and self._exit is None:
            self._kernel_ended()
        if self._parent is not None and os.getppid() != self._parent:
            self._leave(0)

    def _leave(self, code: int) -> None:
        if self._exit is None:
            self._exit = code

    # From the clients.

    def _subscribed(self, frames: list[bytes]) -> None:
        """A client's subscription is confirmed, so that it misses nothing after."""
        if frames and frames[0][:1] == b"\x01":
            topic = frames[0][1:].decode("ascii", "ignore")
            self._publisher.publish_own("iopub_welcome", {"subscription": topic}, topic)

    def _from_client(self, channel: str, frames: list[bytes], *, abort: bool = False) -> None:
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
            if request.route not in self._asked:
                self._session.dropped["unasked input"] += 1
                return
            self._asked.discard(request.route)
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
            self._clients.publish("error", pack(self._signer, make_header("error"), request.header, {}, error))
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

    # From the kernel.

    def _from_kernel(self, channel: str, frames: list[bytes]) -> None:
        try:
            message = unpack(frames, self._inner_signer)
        except BadFrames:
            self._session.dropped["kernel frames"] += 1
            return
        except Oversized as error:
            self._too_large(channel, error)
            return
        request = self._session.request(message.parent.get("msg_id"))
        if request is None:
            self._session.dropped["no request"] += 1
            return
        if self._protected.keep_back(channel, message.msg_type, message.content, request):
            return
        if channel == "iopub" and self._publisher.is_full(request, message.msg_type):
            return
        actions = table.judge(
            channel, message.msg_type, message.content, request, self._session, message.metadata, message.buffers
        )
        if channel == "stdin" and any(isinstance(action, Send) for action in actions):
            self._asked.add(request.route)
        self._publisher.act(channel, request, actions)

    def _too_large(self, channel: str, error: Oversized) -> None:
        request = self._session.request(error.parent.get("msg_id"))
        if request is None:
            return
        self._publisher.withhold(request, "too_large")
        if channel != "iopub" and not request.replied:
            self._publisher.act(channel, request, [replies.unreadable(reply_type(request.msg_type))])

    # The end.

    def _kernel_ended(self) -> None:
        """Everything that the kernel still said is shown, then why it ended."""
        for channel, socket in self._kernel_sockets():
            while socket.poll(50):
                self._from_kernel(channel, socket.recv_multipart())
        reason = self._guest.death_reason if self._guest else None
        for request in list(self._session.running()):
            text = (reason or "The kernel ended.") + " Its variables are gone; what was released is kept by the vault."
            self._publisher.notice(request, "warning", "The kernel ended", text)
            self._publisher.state(request, "idle")
        self._publisher.publish_own("status", {"execution_state": "dead"})
        self._leave(1 if reason else 0)

    def _end_guest(self) -> None:
        """Ask, wait, kill: nothing of the guest outlives this."""
        if not (self._guest and self._kernel):
            return
        if self._guest.poll() is None:
            header = make_header("shutdown_request")
            self._kernel.send("control", pack(self._inner_signer, header, {}, {}, {"restart": False}))
            self._guest.wait(_SHUTDOWN_SECONDS)
        self._guest.kill()
        self._kernel.close()
        if self._session.dropped:
            counted = ", ".join(f"{reason}: {count}" for reason, count in sorted(self._session.dropped.items()))
            print(f"kernel-guard: messages not passed on ({counted})", file=sys.stderr)
