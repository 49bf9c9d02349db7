"""Python, numpy and pandas values as plan constants, and the edges of intervals.

- A value that a plan cannot hold is refused here, with what to write instead.
"""

from __future__ import annotations

import datetime
import math

from kernel_guard.errors import PlanError
from kernel_guard.plan.expressions import Value


def plain(value: object) -> Value:
    """A Python, numpy or pandas scalar as a plan constant."""
    if not isinstance(value, (str, int, float)) and callable(getattr(value, "item", None)):
        value = value.item()  # type: ignore[attr-defined]
    if isinstance(value, datetime.datetime):
        if value.time() != datetime.time(0):
            raise PlanError("Dates are compared by the day.", hint="Write '2020-01-31' without a time.")
        value = value.date()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        raise PlanError("A comparison with a missing value is never true.", hint="Use .isna() or .notna().")
    if isinstance(value, (bool, int, float, str)) and not (isinstance(value, float) and math.isinf(value)):
        return value
    raise PlanError(
        f"A {type(value).__name__} cannot be part of a question.",
        hint="Use a finite number, a text, True, False, or a date.",
    )


def number(value: object) -> float:
    """A finite number, as a float."""
    found = plain(value)
    if isinstance(found, (bool, str)):
        raise PlanError("Edges and bounds must be numbers.", hint="Such as [0, 18, 65, 120].")
    return float(found)


def interval_labels(edges: tuple[float, ...]) -> tuple[str, ...]:
    """[a, b) … [y, z] for edges."""
    shown = [str(int(e)) if e == int(e) and abs(e) < 1e15 else repr(e) for e in edges]
    pairs = list(zip(shown, shown[1:], strict=False))
    return tuple(f"[{a}, {b}{']' if i == len(pairs) - 1 else ')'}" for i, (a, b) in enumerate(pairs))


def even_edges(low: float, high: float, bins: int, *, whole: bool) -> list[float]:
    """`bins` equal intervals from `low` to `high`; for integers, edges are integers too."""
    if isinstance(bins, bool) or not isinstance(bins, int) or not 1 <= bins <= 1000:
        raise PlanError("The number of bins must lie between 1 and 1,000.", hint="Such as bins=10.")
    edges = [low + (high - low) * i / bins for i in range(bins)] + [high]
    if whole:
        edges = sorted({round(e) for e in edges})
    return edges
