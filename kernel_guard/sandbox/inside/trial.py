"""What the doctor runs as a guest: the self-test again, now as the finished guest, and the limits.

- Says what it found on the vault's descriptor, then beats there like a pulse until it is paused and killed.
- Leaves a daemon behind that holds the same descriptor: it closes only when nothing of the guest is alive.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import time
from typing import Any

from . import selftest

MORE_PROCESSES = 160
_ANSWER_SECONDS = 0.3
_BEAT_SECONDS = 0.001


def main() -> None:
    """Entry point: `… trial <targets as JSON>`."""
    targets = json.loads(sys.argv[1])
    vault = socket.socket(fileno=int(os.environ["KERNEL_GUARD_FD"]))
    found = [*selftest.results(targets, [vault.fileno()]), *_as_a_guest(targets), *_limits(targets)]
    _send_a_datagram(targets["udp"])  # whether it arrived only the doctor can tell
    _leave_a_daemon()
    answer = {"results": found, "environment": dict(os.environ)}
    vault.sendall(json.dumps(answer).encode() + b"\n")
    while True:  # signs of life, so that a pause can be told from a guest that waits
        vault.sendall(b".")
        time.sleep(_BEAT_SECONDS)


def _as_a_guest(targets: dict[str, Any]) -> list[tuple[str, str, bool]]:
    secret, launcher = targets["read"][0], str(targets["launcher"])
    return [
        ("files", "read the host through a symbolic link", selftest.is_refused(lambda: _through_a_link(secret))),
        ("files", "link a file of the host", selftest.is_refused(lambda: os.link(secret, "hard"))),
        ("files", "rename a file of the host", selftest.is_refused(lambda: os.rename(secret, secret + ".moved"))),
        ("processes", "see the processes of the host", not _sees(launcher)),
        ("network", "TCP to the outside", _has_no_route()),
    ]


def _through_a_link(secret: str) -> None:
    os.symlink(secret, "link")
    with open("link", "rb"):
        pass


def _sees(pid: str) -> bool:
    try:
        return pid in os.listdir("/proc")
    except OSError:
        return False


def _has_no_route() -> bool:
    try:
        with socket.socket(socket.AF_INET) as probe:
            probe.settimeout(_ANSWER_SECONDS)
            probe.connect(("192.0.2.1", 80))
    except TimeoutError:
        return False  # a packet left
    except OSError:
        return True
    return False


def _send_a_datagram(address: list[Any]) -> None:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.sendto(b"x", tuple(address))


def _limits(targets: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [
        ("limits", "more memory than allowed", _memory_ends(targets["memory"])),
        ("limits", "a larger file than allowed", selftest.is_refused(lambda: _write_file(targets["file"]))),
        ("limits", "more processes than allowed", _processes_end()),
    ]


def _memory_ends(size: int) -> bool:
    try:
        bytearray(size)
    except MemoryError:
        return True
    return False


def _write_file(size: int) -> None:
    try:
        with open("large", "wb") as file:
            file.write(bytes(size))
    finally:
        os.unlink("large")


def _processes_end() -> bool:
    children: list[int] = []
    try:
        for _ in range(MORE_PROCESSES):
            children.append(_child())
    except OSError:
        return True
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return False


def _child() -> int:
    pid = os.fork()
    if pid == 0:
        signal.pause()
    return pid


def _leave_a_daemon() -> None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            signal.pause()
        os._exit(0)
    os.wait()
