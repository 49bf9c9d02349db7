"""Which measures are answered from the same noisy numbers: a family is paid once, however many measures it serves.

- Counts stand alone. A column's sum, mean, variance and standard deviation are all linear or smooth in its moments, so
  that they share one vector of the highest degree that is asked for. Quantiles of a column share one histogram.
- `carrier` is the measure that the engine is asked for; it goes by the name of the family's first member.
- Nothing here knows ε or data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kernel_guard.plan.aggregates import CellMeasure, CommonValues, Mean, Measure, Quantile, Sum, TableMeasure, Variance


@dataclass(frozen=True)
class Family:
    """Measures of one plan with the measure that is computed for all of them."""

    carrier: CellMeasure | CommonValues
    members: tuple[CellMeasure | CommonValues, ...]


def families_of(measures: Iterable[Measure]) -> tuple[Family, ...]:
    """The families of a plan's cell measures, in the order of their first members."""
    found: dict[object, list[CellMeasure]] = {}
    for m in measures:
        if not isinstance(m, TableMeasure):
            found.setdefault(_kin(m), []).append(m)
    return tuple(Family(_carrier(members), tuple(members)) for members in found.values())


def _kin(measure: CellMeasure) -> object:
    if isinstance(measure, Sum | Mean | Variance):
        return ("moments", measure.column)
    if isinstance(measure, Quantile):
        return ("quantiles", measure.column)
    return measure


def _carrier(members: list[CellMeasure]) -> CellMeasure:
    first = members[0]
    if not isinstance(first, Sum | Mean | Variance):
        return first
    if any(isinstance(m, Variance) for m in members):
        return Variance(first.name, first.column)
    if any(isinstance(m, Mean) for m in members):
        return Mean(first.name, first.column)
    return first
