"""The last thing before the guest starts: try, from inside the finished sandbox, what must not work.

- An empty list of failures is the only pass; the doctor also wants to know what held.
- The targets are real: the launcher holds them open while this runs, so a missing target cannot look like a refusal.
"""

from __future__ import annotations

import errno
import functools
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
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


Attempt = tuple[str, str, Callable[[], object]]  # group, what is tried, the trial: it raises OSError when refused


def failures(targets: Mapping[str, Any], kept_fds: Sequence[int]) -> list[str]:
    """What the sandbox failed to stop."""
    return [name for _, name, held in results(targets, kept_fds) if not held]


def results(targets: Mapping[str, Any], kept_fds: Sequence[int]) -> list[tuple[str, str, bool]]:
    """Every attempt as (group, what was tried, whether the sandbox held)."""
    return [(group, name, is_refused(trial)) for group, name, trial in _attempts(targets, kept_fds)]


def is_refused(attempt: Callable[[], object]) -> bool:
    """Whether the attempt ends in an `OSError`."""
    try:
        attempt()
    except OSError:
        return True
    return False


def _attempts(targets: Mapping[str, Any], kept_fds: Sequence[int]) -> Iterator[Attempt]:
    for path in targets.get("read", ()):
        yield "files", "read " + path, _opener(path, os.O_RDONLY)
        yield "files", "read /proc/self/root" + path, _opener("/proc/self/root" + path, os.O_RDONLY)
    for path in targets.get("write", ()):
        yield "files", "write " + path, _opener(path + "/.probe", os.O_CREAT | os.O_WRONLY)
    for pid in targets.get("processes", ()):
        yield from _process_attempts(pid)
    for address in targets.get("unix", ()):
        yield "network", "unix socket " + repr(address), _connector(socket.AF_UNIX, address)
    for address in targets.get("tcp", ()):
        yield "network", "TCP of the host", _connector(socket.AF_INET, tuple(address))
    for name, arguments in _KERNEL_SURFACE.items():
        yield "kernel", "system call " + name, functools.partial(_call, name, arguments)
    yield "kernel", "user namespace", functools.partial(libc.unshare, _CLONE_NEWUSER)
    yield "privileges", "privileges can still grow", _can_grow
    yield "privileges", "still the super-user", _is_super_user
    yield from _stray_fds(kept_fds)


def _opener(path: str, flags: int) -> Callable[[], object]:
    return lambda: os.close(os.open(path, flags, 0o600))


def _connector(family: int, address: Any) -> Callable[[], object]:
    def connect() -> None:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(_ANSWER_SECONDS)
            probe.connect(address)

    return connect


def _process_attempts(pid: int) -> Iterator[Attempt]:
    yield "processes", "signal the launcher", functools.partial(os.kill, pid, 0)
    for name in ("mem", "environ", "maps"):
        yield "processes", f"the launcher's {name}", _opener(f"/proc/{pid}/{name}", os.O_RDONLY)


def _call(name: str, arguments: tuple[int, ...]) -> None:
    """Raises only when the filter refused; an error from behind the filter means that the call was reached."""
    if name not in NUMBERS[os.uname().machine]:
        raise OSError(errno.ENOSYS, name)
    try:
        libc.syscall(name, *arguments)
    except OSError as problem:
        if problem.errno in _REFUSED:
            raise


def _can_grow() -> None:
    if libc.prctl(libc.PR_GET_NO_NEW_PRIVS) == 1:
        raise PermissionError


def _is_super_user() -> None:
    if 0 != os.getuid() == os.geteuid():
        raise PermissionError


def _stray_fds(kept_fds: Sequence[int]) -> Iterator[Attempt]:
    for fd in sorted(set(range(256)) - {0, 1, 2, *kept_fds}):
        if not is_refused(functools.partial(os.fstat, fd)):
            yield "descriptors", f"inherited file descriptor {fd}", functools.partial(os.fstat, fd)
