"""The thread that a guest lives by: it starts the process, reads its log and lets the watchdog look.

- The kernel ends a guest when the *thread* that started it ends, not only the process; so one thread starts it and
  stays until it is gone. If this thread fails, the guest dies: the safe side.
- The log is the guest's raw output before its kernel takes over. It is kept short, and never shown to a researcher.
"""

from __future__ import annotations

import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Sequence

from .cgroup import Group
from .spec import Limits
from .watchdog import Watchdog

_PERIOD = 0.2
_LOG_BYTES = 64 << 10
_READ_BYTES = 64 << 10


class Keeper(threading.Thread):
    """Start with `begin`, which returns once the process runs or raises why it does not."""

    def __init__(
        self,
        command: Sequence[str],
        fds: Sequence[int],
        limits: Limits,
        when_gone: Callable[[], None],
        group: Group | None = None,
    ) -> None:
        super().__init__(name="kernel-guard-keeper", daemon=True)
        self._command, self._fds, self._when_gone = list(command), list(fds), when_gone
        self._group = group
        self._spawned = threading.Event()
        self._problem: OSError | None = None
        self._log = b""
        self._process: subprocess.Popen[bytes] | None = None
        self.watchdog = Watchdog(limits)

    def begin(self) -> subprocess.Popen[bytes]:
        self.start()
        self._spawned.wait()
        if self._process is None:
            raise self._problem or OSError("The process did not start.")
        self.hold([self._process.pid])
        return self._process

    def hold(self, pids: Sequence[int]) -> None:
        """Put processes of the guest under the limits of its group, where it has one."""
        if self._group is not None:
            self._group.hold(pids)

    @property
    def log(self) -> str:
        """The end of what the guest wrote to its real output."""
        return self._log.decode(errors="replace")

    def run(self) -> None:
        process = self._spawn()
        self._spawned.set()
        try:
            if process is not None:
                self._watch(process)
        finally:
            self._leave_group()
            self._when_gone()

    def _leave_group(self) -> None:
        if self._group is not None:
            self.watchdog.reason = self.watchdog.reason or self._group.reason()
            self._group.remove()

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        try:
            self._process = subprocess.Popen(
                self._command,
                pass_fds=self._fds,
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # An interrupt of the wrapper's process group must not end the sandbox.
                start_new_session=True,
            )
        except OSError as problem:
            self._problem = problem
        return self._process

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        log_fd = process.stdout.fileno()
        poller = select.poll()
        pid_fd = os.pidfd_open(process.pid)
        poller.register(pid_fd, select.POLLIN)
        poller.register(log_fd, select.POLLIN)
        while process.poll() is None:
            ready = dict(poller.poll(_PERIOD * 1000))
            if ready.get(log_fd, 0) & select.POLLIN:
                self._take_log(log_fd)
                time.sleep(_PERIOD / 4)  # a guest that floods its output waits for us, not we for it
            elif log_fd in ready:
                poller.unregister(log_fd)
            if pid_fd not in ready:
                self.watchdog.look()
        os.close(pid_fd)
        os.set_blocking(log_fd, False)
        self._take_log(log_fd)
        process.stdout.close()

    def _take_log(self, log_fd: int) -> None:
        try:
            self._log = (self._log + os.read(log_fd, _READ_BYTES))[-_LOG_BYTES:]
        except BlockingIOError:
            pass
