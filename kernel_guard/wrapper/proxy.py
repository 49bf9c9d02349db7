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
from collections.abc import Callable
from functools import partial

import zmq

from kernel_guard.wrapper.connection import Connection
from kernel_guard.wrapper.drawings import Drawings
from kernel_guard.wrapper.frames import BadFrames, Oversized, Signer, make_header, pack, unpack
from kernel_guard.wrapper.inbound import Inbound
from kernel_guard.wrapper.labels import Labeller, Signs
from kernel_guard.wrapper.protected import ProtectedCells
from kernel_guard.wrapper.publisher import Publisher
from kernel_guard.wrapper.releases import Releases
from kernel_guard.wrapper.rules import replies, table
from kernel_guard.wrapper.rules.actions import Send
from kernel_guard.wrapper.seals import Journal
from kernel_guard.wrapper.session import Session
from kernel_guard.wrapper.settings import Settings
from kernel_guard.wrapper.sockets import Clients, Kernel, waiting
from kernel_guard.wrapper.startup import Started
from kernel_guard.wrapper.uplink import Uplink

_TURN_MS = 500
_STARTING_MS = 10
_WELCOME_SECONDS = 30.0
_PING_SECONDS = 0.2
_SHUTDOWN_SECONDS = 2.0  # Jupyter kills this process after five

Handler = Callable[[list[bytes]], None]


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
        self._guest = started.guest
        signer = Signer(connection.key)
        self._language = settings.language
        self._drawings = Drawings(settings.runtime_root)
        self._session = Session(releases, self._drawings.draw)
        self._clients = Clients(connection)
        labeller = Labeller(key)
        journal = Journal(settings.key_file, connection.kernel_id, labeller)
        self._publisher = Publisher(self._clients, signer, self._session, labeller, journal)
        self._protected = ProtectedCells(uplink, self._guest, releases, self._publisher)
        self._inner_signer = Signer(self._guest.key) if self._guest else signer
        self._kernel = Kernel(self._guest.endpoints) if self._guest else None
        self._inbound = Inbound(
            connection, started, settings.language, self._session, self._publisher, self._protected, self._kernel,
            self._leave,
        )  # fmt: skip
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
        handlers |= {socket: partial(self._inbound.take, name) for name, socket in self._clients.sockets.items()}
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
            self._inbound.take("shell", frames, abort=self._protected.failed)
        self._publisher.seal_all()
        if self._guest and self._guest.poll() is not None and self._exit is None:
            self._kernel_ended()
        if self._parent is not None and os.getppid() != self._parent:
            self._leave(0)

    def _leave(self, code: int) -> None:
        if self._exit is None:
            self._exit = code

    def _subscribed(self, frames: list[bytes]) -> None:
        """A client's subscription is confirmed, so that it misses nothing after."""
        if frames and frames[0][:1] == b"\x01":
            topic = frames[0][1:].decode("ascii", "ignore")
            self._publisher.publish_own("iopub_welcome", {"subscription": topic}, topic)

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
            self._session.asked.add(request.route)
        self._publisher.act(channel, request, actions)

    def _too_large(self, channel: str, error: Oversized) -> None:
        request = self._session.request(error.parent.get("msg_id"))
        if request is None:
            return
        self._publisher.withhold(request, "too_large")
        if channel != "iopub" and not request.replied:
            self._publisher.act(channel, request, [replies.unreadable(replies.reply_type(request.msg_type))])

    # The end.

    def _kernel_ended(self) -> None:
        """Everything that the kernel still said is shown, then why it ended."""
        for channel, socket in self._kernel_sockets():
            while socket.poll(50):
                self._from_kernel(channel, socket.recv_multipart())
        reason = self._guest.death_reason if self._guest else None
        for request in self._session.interrupted():
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
