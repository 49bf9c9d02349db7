"""The last thing before the guest starts: try, from inside the finished sandbox, what must not work.

- Answers the list of things that did *not* fail; an empty list is the only pass.
- The targets are real: the launcher holds them open while this runs, so a missing target cannot look like a refusal.
"""

from __future__ import annotations

import errno
import os
import platform
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import libc
from .syscalls import NUMBERS

_REFUSED = {errno.EPERM, errno.ENOSYS, errno.EACCES}
# Harmless when they do get through: no process is named and no pointer is valid.
_KERNEL_SURFACE: dict[str, tuple[int, ...]] = {
    "ptrace": (0x7FFF, 0, 0, 0),
    "process_vm_readv": (0, 0, 0, 0, 0, 0),
    "io_uring_setup": (1, 0),
    "bpf": (0, 0, 0),
    "perf_event_open": (0, 0, -1, -1, 0),
    "keyctl": (0, -3, 0),
    "userfaultfd": (0,),
    "mount": (0, 0, 0, 0, 0),
    "inotify_init1": (0,),
    "name_to_handle_at": (0, 0, 0, 0, 0),
}
_CLONE_NEWUSER = 0x10000000
_ANSWER_SECONDS = 0.2


def failures(targets: Mapping[str, Any], kept_fds: Sequence[int]) -> list[str]:
    """What the sandbox failed to stop."""
    attempts = [
        *(("read " + path, _opener(path, os.O_RDONLY)) for path in targets.get("read", ())),
        *(("write " + path, _opener(path + "/.probe", os.O_CREAT | os.O_WRONLY)) for path in targets.get("write", ())),
        *_process_attempts(targets.get("processes", ())),
        *(("unix " + repr(path), _connector(socket.AF_UNIX, path)) for path in targets.get("unix", ())),
        *(("tcp", _connector(socket.AF_INET, tuple(address))) for address in targets.get("tcp", ())),
        ("user namespace", lambda: libc.unshare(_CLONE_NEWUSER)),
    ]
    reached = [name for name, attempt in attempts if not _is_refused(attempt)]
    return reached + _reachable_calls() + _privileges() + _stray_fds(kept_fds)


def _is_refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False


def _opener(path: str, flags: int) -> Callable[[], object]:
    return lambda: os.close(os.open(path, flags, 0o600))


def _connector(family: int, address: Any) -> Callable[[], object]:
    def connect() -> None:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(_ANSWER_SECONDS)
            probe.connect(address)

    return connect


def _process_attempts(pids: Sequence[int]) -> list[tuple[str, Callable[[], object]]]:
    attempts: list[tuple[str, Callable[[], object]]] = []
    for pid in pids:
        attempts.append(("signal the launcher", lambda pid=pid: os.kill(pid, 0)))  # type: ignore[misc]
        for name in ("mem", "environ"):
            attempts.append((f"the launcher's {name}", _opener(f"/proc/{pid}/{name}", os.O_RDONLY)))
    return attempts


def _reachable_calls() -> list[str]:
    reached = []
    for name, arguments in _KERNEL_SURFACE.items():
        if name not in NUMBERS[platform.machine()]:
            continue
        try:
            libc.syscall(name, *arguments)
        except OSError as problem:
            if problem.errno in _REFUSED:
                continue
        reached.append(f"system call {name}")
    return reached


def _privileges() -> list[str]:
    kept = [] if libc.prctl(libc.PR_GET_NO_NEW_PRIVS) == 1 else ["privileges can still grow"]
    if os.getuid() == 0 or os.getuid() != os.geteuid():
        kept.append("still the super-user")
    return kept


def _stray_fds(kept_fds: Sequence[int]) -> list[str]:
    expected = {0, 1, 2, *kept_fds}
    stray = [fd for fd in range(256) if fd not in expected and not _is_refused(lambda fd=fd: os.fstat(fd))]  # type: ignore[misc]
    return [f"inherited file descriptor {fd}" for fd in stray]
