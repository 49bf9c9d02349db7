"""The researcher's Python kernel as it runs inside a sandbox: ipykernel on sockets that were opened outside.

- Its five sockets arrive listening, as inherited descriptors; it needs neither `bind` nor `connect` nor a file.
- Its key arrives in a descriptor that is read once and closed; neither the key nor the path is in the environment.
- Where the sandbox has no network and no terminal, the two places in ipykernel that insist on one are replaced.
- Nothing here is a defence: this is the researcher's side.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import ipykernel.kernelapp
import zmq
from ipykernel.heartbeat import Heartbeat
from ipykernel.iostream import IOPubThread
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from kernel_guard.client import numbers

_PORTS = {"shell": 1, "iopub": 2, "stdin": 3, "control": 4, "hb": 5}
_LONGEST_MESSAGE = 4 << 20
_sockets: dict[int, int] = {}


def main() -> None:
    """Entry point inside the sandbox."""
    memo = _read_memo(int(os.environ.pop("KERNEL_GUARD_BOOT")))
    _sockets.update({_PORTS[name]: fd for name, fd in memo["sockets"].items()})
    ipykernel.kernelapp.Heartbeat = _Heartbeat
    IOPubThread.schedule, IOPubThread._handle_event = _schedule, _run_scheduled
    if not _network_allowed():
        IOPubThread._setup_pipe_in = _listen_to_forked_children
        IOPubThread._setup_pipe_out = _speak_as_forked_child
    if not _terminal_allowed():
        # `!command` wants a pseudo-terminal; plain pipes show the same text.
        ZMQInteractiveShell.system_piped = InteractiveShell.system_raw
        ZMQInteractiveShell.system = InteractiveShell.system_raw
    _GuestApp.launch_instance(argv=[], **_settings(memo["key"]))


class _Heartbeat(Heartbeat):  # type: ignore[misc]
    def _try_bind_socket(self) -> None:
        _use_inherited(self.socket, self.port)


class _GuestApp(IPKernelApp):  # type: ignore[misc]
    """An ipykernel without a connection file."""

    def init_connection_file(self) -> None:
        pass

    def write_connection_file(self, **_: Any) -> None:
        pass

    def cleanup_connection_file(self) -> None:
        pass

    def _try_bind_socket(self, s: Any, port: int) -> int:
        return _use_inherited(s, port)

    def init_shell(self) -> None:
        super().init_shell()
        self.shell.register_magic_function(_protected, "cell", "protected")
        self.shell.register_magic_function(partial(_together, self.shell), "cell", "together")
        numbers.install(self.shell.display_formatter.formatters)

    def init_control(self, context: Any) -> None:
        super().init_control(context)
        try:
            # It would look for the shell socket under a name that exists only outside, for ever.
            self.debug_shell_socket.disconnect(self.shell_socket.getsockopt(zmq.LAST_ENDPOINT))
        except zmq.ZMQError:
            pass


def _protected(line: str, cell: str) -> None:
    """Run this cell's code beside the rows: first on mock rows, here."""
    __tracebackhide__ = True
    # Loaded when it is used: a kernel starts without it.
    from kernel_guard.client.magics import protected

    protected(line, cell)


def _together(shell: Any, line: str, cell: str) -> Any:
    """Ask all questions of this cell as one release."""
    __tracebackhide__ = True
    from kernel_guard.client.one_cell import together

    return together(shell, line, cell)


def _read_memo(fd: int) -> dict[str, Any]:
    with os.fdopen(fd, "rb") as file:
        memo: dict[str, Any] = json.load(file)
    return memo


def _use_inherited(zmq_socket: Any, port: int) -> int:
    zmq_socket.setsockopt(zmq.USE_FD, _sockets[port])
    zmq_socket.setsockopt(zmq.SNDHWM, 0)  # outputs that the guard has not read yet wait; by default ZeroMQ drops them
    zmq_socket.bind(f"ipc://kernel-guard-{port}")  # only a label: the descriptor is already listening
    return port


def _settings(key: str) -> dict[str, Any]:
    return {
        **{f"{name}_port": port for name, port in _PORTS.items()},
        "transport": "ipc",
        "ip": "kernel-guard",
        "parent_handle": 0,
        "log_level": "ERROR",
        "config": Config({"Session": {"key": key.encode()}, "HistoryManager": {"hist_file": ":memory:"}}),
    }


def _network_allowed() -> bool:
    try:
        socket.socket(socket.AF_INET).close()
    except OSError:
        return False
    return True


def _terminal_allowed() -> bool:
    try:
        os.close(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _schedule(thread: IOPubThread, send: Callable[[], None]) -> None:
    """Have the output thread send something; it is woken once for all that waits, where ipykernel wakes it for each."""
    if not thread.thread.is_alive():
        send()
        return
    thread._events.append(send)
    if not getattr(thread, "_woken", False):
        thread._woken = True
        thread._event_pipe.send(b"")


def _run_scheduled(thread: IOPubThread, _: Any) -> None:
    thread._woken = False  # first: what is scheduled from now on wakes the thread again
    for _ in range(len(thread._events)):
        thread._events.popleft()()


def _listen_to_forked_children(thread: IOPubThread) -> None:
    """ipykernel carries the output of forked children over TCP; a socket pair does without a network."""
    thread._pipe_uuid = b""
    ours, thread._child_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def pump() -> None:
        while message := ours.recv(_LONGEST_MESSAGE):
            thread.send_multipart(_unpack(message))

    threading.Thread(target=pump, daemon=True, name="IOPubPipe").start()


def _speak_as_forked_child(thread: IOPubThread) -> tuple[Any, Any]:
    end = _ChildEnd(thread._child_end)
    return end, end


class _ChildEnd:
    """Stands for both the context and the socket that ipykernel opens in a forked child."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def send_multipart(self, parts: list[Any], *_: Any, **__: Any) -> None:
        try:
            self._end.send(_pack([bytes(part) for part in parts[1:]]))
        except OSError:
            pass  # longer than a packet, or the kernel has gone: the output is lost, as it is in ipykernel

    def close(self) -> None:
        pass

    term = close


def _pack(parts: list[bytes]) -> bytes:
    return b"".join(struct.pack("<I", len(part)) + part for part in parts)


def _unpack(message: bytes) -> list[bytes]:
    parts, at = [], 0
    while at < len(message):
        (size,) = struct.unpack_from("<I", message, at)
        parts.append(message[at + 4 : at + 4 + size])
        at += 4 + size
    return parts
