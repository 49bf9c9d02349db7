"""A running guest, as the wrapper sees it.

- Signals go to the guest's own process, never to the sandbox around it; process numbers are the host's.
- `kill` returns when nothing of the guest is left; what it wrote is removed with it.
- `death_reason` is a text for a person, made from limits and exit codes only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from typing import Any

from kernel_guard.errors import InternalError

from . import processes
from .keeper import Keeper
from .ladder import Rung
from .spec import Limits

_FREEZE_SECONDS = 3.0
_KILL_SECONDS = 5.0
_SHELL_SIGNAL_BASE = 128


class Guest:
    """Made by `launch` only."""

    def __init__(
        self,
        rung: Rung,
        process: subprocess.Popen[bytes],
        keeper: Keeper,
        root_pid: int,
        life_fd: int,
        *,
        key: bytes,
        endpoints: Mapping[str, str],
        report: Mapping[str, Any],
        limits: Limits,
    ) -> None:
        self.level = rung.level
        self.tier = rung.tier
        self.own_uid = rung.own_uid
        self.key = key
        self.endpoints = dict(endpoints)
        self.report = dict(report)
        self._limits = limits
        self._process = process
        self._keeper = keeper
        self._root_pid = root_pid  # bwrap: process 1 of the sandbox; otherwise the supervisor
        self._life_fd = life_fd
        self._asked_to_die = False
        self.pid = self._find_kernel()
        keeper.watchdog.main_pid = self.pid
        keeper.watchdog.guest_pids = self._pids

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end; None when the time is over first. Afterwards its folders are gone, too."""
        self._keeper.join(timeout)
        return None if self._keeper.is_alive() else self._process.wait()

    def interrupt(self) -> None:
        """What Ctrl-C does in a terminal: the kernel and what it runs in the foreground."""
        if self.poll() is not None:
            return  # its number may name another process by now
        with contextlib.suppress(OSError):
            if os.getpgid(self.pid) == self.pid:
                os.killpg(self.pid, signal.SIGINT)
            else:
                os.kill(self.pid, signal.SIGINT)

    def freeze(self) -> None:
        """Stop every process of the guest; raises when one still runs, and then none may be trusted to stand still."""
        if not processes.stop_all(self._pids, _FREEZE_SECONDS):
            self.thaw()
            raise InternalError("The kernel could not be paused.", hint="Restart the kernel.")

    def thaw(self) -> None:
        processes.send(self._pids(), signal.SIGCONT)

    def kill(self) -> None:
        """End everything of the guest, at once and for certain."""
        self._asked_to_die = True
        if self._life_fd >= 0:
            os.close(self._life_fd)
            self._life_fd = -1
        if self.tier == "bwrap" and self.poll() is None:
            processes.send([self._root_pid], signal.SIGKILL)  # process 1 takes its whole namespace along
        self._keeper.join(_KILL_SECONDS)
        if self._keeper.is_alive():
            processes.send([*self._pids(), self._process.pid], signal.SIGKILL)
            self._keeper.join(_KILL_SECONDS)

    def usage(self) -> dict[str, float]:
        """`rss` and `memory_limit` in bytes, `cpu` in seconds, `processes`."""
        pids = self._pids()
        return {
            "rss": sum(map(processes.proportional_bytes, pids)),
            "memory_limit": self._limits.memory,
            "cpu": sum(map(processes.cpu_seconds, pids)),
            "processes": len(pids),
        }

    @property
    def death_reason(self) -> str | None:
        """Why it ended, when that was neither asked for nor orderly."""
        code = self.poll()
        if code in (None, 0) or self._asked_to_die:
            return None
        watchdog = self._keeper.watchdog
        if watchdog.reason is None and watchdog.out_of_processes:
            return f"The kernel ended when it had reached its limit of {self._limits.processes} processes and threads."
        return watchdog.reason or _words(code or 0)

    @property
    def log(self) -> str:
        """The end of its raw output, for the operator's log. May hold what the researcher printed."""
        return self._keeper.log

    def _find_kernel(self) -> int:
        """The process that runs the guest's program: the only child of the root at this moment."""
        return next(iter(processes.children(self._root_pid)), self._root_pid)

    def _pids(self) -> list[int]:
        if self.poll() is not None:
            return []
        pids = processes.tree(self._root_pid)
        return pids if self.tier == "bwrap" else pids[1:]  # the supervisor is ours


def _words(code: int) -> str:
    number = -code if code < 0 else code - _SHELL_SIGNAL_BASE
    if number == signal.SIGKILL:
        return "The kernel was killed from outside; most likely the host ran out of memory."
    if number == signal.SIGSYS:
        return "The kernel was stopped because it used system calls of another architecture."
    with contextlib.suppress(ValueError):
        return f"The kernel crashed ({signal.Signals(number).name})."
    return f"The kernel ended by itself with code {code}."
