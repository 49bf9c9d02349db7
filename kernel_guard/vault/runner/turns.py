"""Whose turn it is beside the rows: one run at a time, others wait in the order in which they came.

- Two runs at once could tell each other things through the machine's load.
- A queue that is full, or a wait that is too long, is an error before anything is paid or read.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from kernel_guard.errors import VaultUnavailable

MOST_WAITING = 4
PATIENCE_SECONDS = 1_800.0


class Turns:
    """One queue for a whole vault."""

    def __init__(self) -> None:
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def taken(self) -> bool:
        """Whether somebody has the turn."""
        return bool(self._queue)

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Wait for the turn, and have it; raises `VaultUnavailable` where it does not come."""
        ticket = object()
        with self._changed:
            if len(self._queue) > MOST_WAITING:
                raise VaultUnavailable("Much protected code is waiting to run.", hint="Try again in a few minutes.")
            self._queue.append(ticket)
        try:
            self._wait(ticket)
            yield
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _wait(self, ticket: object) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._queue[0] is ticket, PATIENCE_SECONDS):
                raise VaultUnavailable("Other protected code has been running for long.", hint="Try again later.")
