"""How figures are shown: medians of alternating runs, and their ratio."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One comparison: the same work done plainly and guarded, in `unit`, one value per round."""

    what: str
    unit: str
    plain: Sequence[float]
    guarded: Sequence[float]

    def __str__(self) -> str:
        plain, guarded = statistics.median(self.plain), statistics.median(self.guarded)
        low, high = min(self.guarded), max(self.guarded)
        ratio = guarded / plain if plain else float("nan")
        spread = f"({low:.3g} to {high:.3g})"
        return f"{self.what:<44} {plain:>10.3g} {guarded:>10.3g} {spread:<22} {self.unit:<4} {ratio:>7.2f}×"


def show(title: str, lines: Iterable[Line]) -> None:
    print(f"\n{title}\n{'':<44} {'plain':>10} {'guarded':>10} {'':<22} {'':<4} {'ratio':>8}")
    for line in lines:
        print(line, flush=True)


def about_machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
