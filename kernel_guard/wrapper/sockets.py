"""ZeroMQ sockets on both sides of the guard.

- Clients: the ports of the connection file, encrypted where it has CURVE keys. The heartbeat has a thread of its own.
- Kernel: private sockets of the sandbox. All three request channels carry one identity, because ipykernel sends a
  question of a cell (`input_request`) to the identity that ran the cell.
- A frame above `MAX_FRAME` ends the connection that it came from, before it fills this process's memory.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence

import zmq

from kernel_guard.wrapper.connection import Connection

REQUESTS = ("shell", "control", "stdin")
MAX_FRAME = 512 << 20
_MAX_HEARTBEAT = 64 << 10
_RECONNECT_MS = 10  # ZeroMQ's own 100 ms would be felt at every start
_LINGER_MS = 1_000
_BATCH = 64


class Clients:
    """The sockets that Jupyter's clients connect to."""

    def __init__(self, connection: Connection) -> None:
        self._context = zmq.Context()
        self.sockets = {name: self._router(connection, name) for name in REQUESTS}
        self.iopub = self._context.socket(zmq.XPUB)
        self.iopub.setsockopt(zmq.XPUB_VERBOSE, 1)
        self.iopub.setsockopt(zmq.SNDHWM, 0)
        _bind(self.iopub, connection, "iopub")
        Heartbeat(connection).start()

    def send(self, channel: str, route: Sequence[bytes], frames: Sequence[bytes]) -> None:
        """To one client; one that has gone away is not waited for."""
        with contextlib.suppress(zmq.ZMQError):
            self.sockets[channel].send_multipart([*route, *frames])

    def publish(self, topic: str, frames: Sequence[bytes]) -> None:
        """To every client."""
        self.iopub.send_multipart([topic.encode("ascii"), *frames])

    def close(self) -> None:
        """Close; what was sent last gets a second to leave."""
        for socket in (*self.sockets.values(), self.iopub):
            socket.close(_LINGER_MS)
        self._context.term()

    def _router(self, connection: Connection, name: str) -> zmq.Socket[bytes]:
        socket = self._context.socket(zmq.ROUTER)
        socket.setsockopt(zmq.ROUTER_HANDOVER, 1)
        return _bind(socket, connection, name)


class Heartbeat(threading.Thread):
    """Echoes the client's bytes; the kernel's own heartbeat says nothing to anyone."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._socket = zmq.Context().socket(zmq.REP)
        self._socket.setsockopt(zmq.MAXMSGSIZE, _MAX_HEARTBEAT)
        _bind(self._socket, connection, "hb")

    def run(self) -> None:
        while True:
            self._socket.send(self._socket.recv())


class Kernel:
    """The sockets of the kernel in its sandbox."""

    def __init__(self, endpoints: Mapping[str, str]) -> None:
        self._context = zmq.Context()
        identity = secrets.token_hex(16).encode()
        self.sockets = {name: self._connect(zmq.DEALER, endpoints[name], identity) for name in REQUESTS}
        self.iopub = self._connect(zmq.SUB, endpoints["iopub"])
        self.iopub.setsockopt(zmq.SUBSCRIBE, b"")

    def send(self, channel: str, frames: Sequence[bytes]) -> None:
        """One message to the kernel."""
        self.sockets[channel].send_multipart(frames)

    def close(self) -> None:
        """Close at once: nothing that still waits is of use to a kernel that ends."""
        for socket in (*self.sockets.values(), self.iopub):
            socket.close(0)
        self._context.term()

    def _connect(self, kind: int, endpoint: str, identity: bytes | None = None) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.RECONNECT_IVL, _RECONNECT_MS)
        socket.setsockopt(zmq.RCVHWM, 0)
        socket.setsockopt(zmq.SNDHWM, 0)
        socket.setsockopt(zmq.MAXMSGSIZE, MAX_FRAME)
        if identity is not None:
            socket.setsockopt(zmq.IDENTITY, identity)
        socket.connect(endpoint)
        return socket


def waiting(socket: zmq.Socket[bytes]) -> Iterator[list[bytes]]:
    """Messages that are there now, a bounded number, so that no channel starves another."""
    for _ in range(_BATCH):
        try:
            yield socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return


def _bind(socket: zmq.Socket[bytes], connection: Connection, name: str) -> zmq.Socket[bytes]:
    socket.setsockopt(zmq.MAXMSGSIZE, socket.getsockopt(zmq.MAXMSGSIZE) if name == "hb" else MAX_FRAME)
    if connection.curve is not None:
        socket.curve_publickey, socket.curve_secretkey = connection.curve
        socket.curve_server = True
    socket.bind(connection.urls[name])
    return socket
