"""The same code on every block of patients, one block after the other, on a clock that no row can move.

- Sandboxes are warmed up some at a time, before any of them gets rows and while none runs: no block can slow the
  start of another.
- Then each block has its slot. In a slot one sandbox runs and no other; it is killed at the end, and the slot lasts
  its full time. So a block's answer is a function of that block's rows, which is what the proof needs.
- A block without an answer that counts (failed, slow, malformed, too long) answers with the declared defaults.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from kernel_guard.errors import SandboxUnavailable
from kernel_guard.plan.protected import SampleAndAggregate
from kernel_guard.vault.runner.cell import Cell, Place, Task, open_cell
from kernel_guard.vault.runner.parcel import MAX_ANSWER_BYTES, read_answer
from kernel_guard.vault.runner.rows import Blocked

AT_ONCE = 6
# After its seconds a sandbox is killed; the slot ends this much later, however long the killing took.
KILL_SECONDS = 0.25
_WARM_UP_SECONDS = 1.5  # a usual one, for the forecast only


def answers(
    place: Place, task: Task, private: SampleAndAggregate, rows: Blocked, first: list[Cell]
) -> list[list[float]]:
    """Every block's answer within its bounds. `first` are the sandboxes that are warm already; all are used up."""
    found: list[list[float]] = []
    waiting = first
    for start in range(0, private.blocks, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, private.blocks))
        cells: list[Cell | None] = [*waiting] if waiting else warm(place, task, len(numbers))
        waiting = []
        with _closed_at_the_end(cells):
            for number, cell in zip(numbers, cells, strict=True):
                found.append(_slot(cell, private, rows, number))
    return found


def warm(place: Place, task: Task, how_many: int) -> list[Cell | None]:
    """Sandboxes that wait for rows; None for one that could not be started."""

    def start(_: int) -> Cell | None:
        with contextlib.suppress(SandboxUnavailable, OSError):
            return open_cell(place, task)
        return None

    with ThreadPoolExecutor(max(1, os.cpu_count() or 1)) as pool:
        return list(pool.map(start, range(how_many)))


def first_batch(place: Place, task: Task, private: SampleAndAggregate) -> list[Cell]:
    """The first sandboxes, started before a row is read, so that a host that offers none is found in time."""
    cells = warm(place, task, min(AT_ONCE, private.blocks))
    ready = [cell for cell in cells if cell is not None]
    if len(ready) == len(cells):
        return ready
    close_all(ready)
    open_cell(place, task).close()  # says why; and if it works now, the machine is only short of room
    raise SandboxUnavailable("The vault could not start its sandboxes.", hint="Try again in a moment.")


def planned_seconds(private: SampleAndAggregate) -> float:
    """About how long all blocks take; known before, because no row has a part in it."""
    batches = -(-private.blocks // AT_ONCE)
    together = -(-AT_ONCE // max(1, os.cpu_count() or 1))
    return private.blocks * (private.seconds + KILL_SECONDS) + batches * together * _WARM_UP_SECONDS


def close_all(cells: list[Cell] | list[Cell | None]) -> None:
    for cell in cells:
        if cell is not None:
            cell.close()


def _slot(cell: Cell | None, private: SampleAndAggregate, rows: Blocked, number: int) -> list[float]:
    content = rows.block(number)
    end = time.monotonic() + private.seconds + KILL_SECONDS
    handed = cell.run(content, private.seconds, MAX_ANSWER_BYTES) if cell is not None else b""
    answer = read_answer(handed, private.outputs)
    time.sleep(max(0.0, end - time.monotonic()))
    return answer


@contextlib.contextmanager
def _closed_at_the_end(cells: list[Cell | None]) -> Iterator[None]:
    try:
        yield
    finally:
        close_all(cells)
