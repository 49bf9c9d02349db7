"""What all processes of a guest use together, and what happens when it is too much.

- One process that wants too much memory gets a MemoryError from its own limit, and one process too many an error
  from fork; only the sum of many needs this.
- The largest process goes first. The kernel itself goes when it is the largest, or when that did not help.
- `reason` is a text for the researcher, made from limits and usage only.
"""

from __future__ import annotations

import signal
from collections.abc import Callable

from . import processes
from .spec import Limits

_WORTH_A_CLOSER_LOOK = 0.7  # of the limit; reading proportional sizes walks the page tables
_PATIENCE = 3  # looks above the limit before everything goes
_NEAR_THE_LIMIT = 0.9
_JUST_NOW = 5  # looks: what dies of having no more processes dies within a second


class Watchdog:
    """Asked to look a few times a second, by the thread that keeps the guest."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._looks_above = 0
        self._looks_since_full = _JUST_NOW + 1
        self.guest_pids: Callable[[], list[int]] = list
        self.main_pid = 0
        self.reason: str | None = None

    def look(self) -> None:
        pids = self.guest_pids()
        full = sum(map(processes.tasks, pids)) >= self._limits.processes * _NEAR_THE_LIMIT
        self._looks_since_full = 0 if full else self._looks_since_full + 1
        self._check_memory(pids)
        self._check_cpu(pids)

    @property
    def out_of_processes(self) -> bool:
        """Whether the guest had about as many processes and threads as it may have, shortly before its end."""
        return self._looks_since_full <= _JUST_NOW

    def _check_memory(self, pids: list[int]) -> None:
        limit = self._limits.memory
        if sum(map(processes.resident_bytes, pids)) < limit * _WORTH_A_CLOSER_LOOK:
            self._looks_above = 0
            return
        sizes = {pid: processes.proportional_bytes(pid) for pid in pids}
        used = sum(sizes.values())
        self._looks_above = self._looks_above + 1 if used > limit else 0
        if not self._looks_above:
            return
        largest = max(sizes, key=sizes.__getitem__)
        if largest == self.main_pid or self._looks_above > _PATIENCE:
            self._end(pids, f"used {_size(used)} of memory and was stopped at its limit of {_size(limit)}")
        else:
            processes.send([largest], signal.SIGKILL)

    def _check_cpu(self, pids: list[int]) -> None:
        limit = self._limits.cpu_seconds
        if limit is None:
            return
        used = sum(map(processes.cpu_seconds, pids))
        if used > limit:
            self._end(pids, f"used {used:.1f} s of processor time and was stopped at its limit of {limit:g} s")

    def _end(self, pids: list[int], what: str) -> None:
        self.reason = f"The kernel {what}."
        processes.send(pids, signal.SIGKILL)


def _size(number: float) -> str:
    return f"{number / 2**30:.1f} GiB" if number >= 2**30 else f"{number / 2**20:.0f} MiB"
