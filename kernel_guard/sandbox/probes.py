"""Real things that a guest must not reach, held open by the launcher while the self-test runs.

- Live targets, so that "refused" cannot be confused with "was never there".
- Closed as soon as the guest has reported; nothing here outlives the start of one guest.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

# Below this, a process id could also name a process inside the guest's own pid namespace.
_LOWEST_TELLING_PID = 16


class Probes:
    """A file, three listening sockets and this process, as targets for `inside/selftest.py`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "probe"
        self._file.write_bytes(secrets.token_bytes(16))
        self._folder = folder
        self._listeners: list[socket.socket] = []
        self._unix = [str(folder / "probe.sock"), "\0kernel-guard-probe-" + secrets.token_hex(8)]
        self._tcp: list[tuple[str, int]] = []

    def __enter__(self) -> Probes:
        for address in self._unix:
            self._listen(socket.AF_UNIX, address)
        try:
            self._tcp.append(self._listen(socket.AF_INET, ("127.0.0.1", 0)).getsockname())
        except OSError:
            pass  # a host without a loopback has no TCP to protect
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for listener in self._listeners:
            listener.close()
        self._file.unlink(missing_ok=True)
        Path(self._unix[0]).unlink(missing_ok=True)

    def targets(self, hidden: Sequence[Path] = ()) -> dict[str, Any]:
        """What the self-test tries, as JSON values."""
        pid = os.getpid()
        return {
            "read": [str(self._file), str(self._folder), *(str(path) for path in hidden if not _is_socket(path))],
            "write": [sys.prefix, "/usr", "/var/tmp", "/etc", str(self._folder)],
            "processes": [pid] if pid >= _LOWEST_TELLING_PID else [],
            "unix": [*self._unix, *(str(path) for path in hidden if _is_socket(path))],
            "tcp": self._tcp,
        }

    def _listen(self, family: int, address: Any) -> socket.socket:
        listener = socket.socket(family, socket.SOCK_STREAM)
        self._listeners.append(listener)
        listener.bind(address)
        listener.listen(1)
        return listener


def _is_socket(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return stat.S_ISSOCK(path.stat().st_mode)
    return False
