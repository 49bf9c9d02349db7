"""What the launcher reads about a guest's processes in the host's /proc.

- Everything here tolerates a process that ends while it is being looked at.
- A tree is read from the outside; the guest's own view of process numbers is never used.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_STATE, _UTIME, _CSTIME = 0, 11, 14  # fields of /proc/<pid>/stat after the command's name
_STOPPED = "tTZX"
_STOP_BIT = 1 << (signal.SIGSTOP - 1)
_BETWEEN_LOOKS = 0.002


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in _entries(f"/proc/{pid}/task"):
        found += [int(child) for child in _read(f"/proc/{pid}/task/{task}/children").split()]
    return found


def tree(root: int) -> list[int]:
    """The process and all its descendants, parents first."""
    found = [root]
    for pid in found:
        found += children(pid)
    return found


def tasks(pid: int) -> int:
    """Its threads, which is what the process limit counts."""
    return len(_entries(f"/proc/{pid}/task"))


def resident_bytes(pid: int) -> int:
    """Memory in RAM; pages that are shared with others count in full."""
    fields = _read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * _PAGE if fields else 0


def proportional_bytes(pid: int) -> int:
    """Memory in RAM, shared pages divided by their users; the resident size where the kernel does not tell."""
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return resident_bytes(pid)


def cpu_seconds(pid: int) -> float:
    """User and system time of the process and of its children that have ended."""
    fields = _stat(f"/proc/{pid}/stat")
    return sum(int(ticks) for ticks in fields[_UTIME : _CSTIME + 1]) / _TICKS if fields else 0.0


def send(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def stop_all(pids: Callable[[], list[int]], seconds: float) -> bool:
    """Stop until two looks in a row find nothing that runs; a process that forks meanwhile is caught by the next."""
    deadline = time.monotonic() + seconds
    quiet = 0
    while quiet < 2 and time.monotonic() < deadline:
        running = [pid for pid in pids() if not _is_stopped(pid)]
        quiet = 0 if running else quiet + 1
        send(running, signal.SIGSTOP)
        time.sleep(_BETWEEN_LOOKS)
    return quiet >= 2


def _is_stopped(pid: int) -> bool:
    for task in _entries(f"/proc/{pid}/task"):
        fields = _stat(f"/proc/{pid}/task/{task}/stat")
        if fields and fields[_STATE] not in _STOPPED and not (fields[_STATE] == "D" and _stop_is_pending(pid)):
            return False
    return True


def _stop_is_pending(pid: int) -> bool:
    """A process that waits in the kernel, for example for a child of vfork, stops before it runs again."""
    for line in _read(f"/proc/{pid}/status").splitlines():
        if line.startswith(("SigPnd:", "ShdPnd:")) and int(line.split()[1], 16) & _STOP_BIT:
            return True
    return False


def _stat(path: str) -> list[str]:
    # The command's name may hold spaces and brackets; the fields begin after its last bracket.
    return _read(path).rpartition(")")[2].split()


def _entries(path: str) -> list[str]:
    with contextlib.suppress(OSError):
        return os.listdir(path)
    return []


def _read(path: str) -> str:
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
    return ""
