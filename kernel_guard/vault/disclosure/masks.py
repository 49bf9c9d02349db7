"""Which cells of an exact table are masked: by the rules, and further ones so that totals give none of them back.

- Without totals each measure has its own masks. With totals all measures share one set: what one measure hides, another
  of the same table must not tell.
- Primary and secondary masks look alike in the answer: to tell them apart would bound both.
- After the choice of masks the table is audited as a reader would attack it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kernel_guard.errors import InternalError
from kernel_guard.plan.aggregates import CountPatients, CountRows, Covariance, Measure, Quantile, Rate, Variance
from kernel_guard.vault.disclosure.gather import ExactTable
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.paths import path_in
from kernel_guard.vault.disclosure.rules import dominance
from kernel_guard.vault.disclosure.suppression import audit, suppress
from kernel_guard.vault.disclosure.suppression.table import Floats, Linear, Mask, counts

AUDITED = 250  # cells of a table up to which every masked cell's interval is recomputed at each release
SCALE = 1e6  # sums are brought to this size before they meet a solver's tolerances


@dataclass(frozen=True)
class Masks:
    """`failed[measure][rule]`: cells that fail a rule; `masked[measure]`: all that are masked in the end."""

    failed: Mapping[str, Mapping[str, Mask]]
    masked: Mapping[str, Mask]
    secondary: int
    method: str


def choose(table: ExactTable, pack: RulePack, also: Mapping[str, Mask]) -> Masks:
    """Masks of every measure; `also` are cells to mask for reasons outside the table."""
    failed = {m.name: _failed(table, m, pack) for m in table.plan.measures}
    primary = {name: np.logical_or.reduce(list(found.values())) for name, found in failed.items()}
    masked = {name: own | also[name] if name in also else own for name, own in primary.items()}
    if not table.layout.totals:
        return Masks(failed, masked, 0, "none needed")
    shared = np.logical_or.reduce(list(masked.values()))
    before = int(shared.sum())
    shared, method = _closed(table, primary, shared, pack)
    return Masks(failed, dict.fromkeys(masked, shared), int(shared.sum()) - before, method)


def _failed(table: ExactTable, measure: Measure, pack: RulePack) -> dict[str, Mask]:
    return {use.name: use.fails(table, measure.name, pack) for use in path_in(table, measure).rules}


def _closed(table: ExactTable, primary: Mapping[str, Mask], shared: Mask, pack: RulePack) -> tuple[Mask, str]:
    """Grow the shared masks until every measure from which a total and its parts give each other is protected."""
    additive = [m for m in table.plan.measures if not isinstance(m, Quantile)]
    method = "none needed"
    while True:
        size = shared.sum()
        for measure in additive:
            linear, up, down = as_linear(table, measure, pack)
            own = primary[measure.name]
            found = suppress(linear, shared, np.where(own, up, 0), np.where(own, down, 0))
            shared, method = found.masked, found.method if found.method != "none needed" else method
            if len(shared) <= AUDITED:
                _audit(linear, shared, own, up, down)
        if shared.sum() == size:
            return shared, method


def as_linear(table: ExactTable, measure: Measure, pack: RulePack) -> tuple[Linear, Floats, Floats]:
    """The measure as a table of numbers that add up, and how far its masked cells must be able to move."""
    cell, equations = table.evidence[measure.name], table.layout.equations
    if isinstance(measure, CountPatients):
        return (
            counts(cell.patients, equations),
            np.maximum(pack.threshold - 1 - cell.patients, 1).astype(float),
            np.where(cell.patients < pack.threshold, cell.patients, 1).astype(float),
        )
    if isinstance(measure, Variance | Covariance | Rate):  # not sums, but of such: no line may lack just one of them
        return counts(cell.rows, equations), np.ones(len(cell.rows)), np.minimum(cell.rows, 1).astype(float)
    up, down = dominance.margins(cell, pack)
    if isinstance(measure, CountRows):
        up = np.maximum(up, pack.threshold - 1 - cell.rows)
        return counts(cell.rows, equations), up, np.minimum(np.maximum(down, np.minimum(cell.rows, up)), cell.rows)
    values = np.array([float(t) for t in cell.total])
    scale = SCALE / max(1.0, float(cell.absolute.max(initial=0.0)))
    grid = table.request.grids[measure.name]
    reach = np.full(len(values), 2 * SCALE)
    lower = np.zeros(len(values)) if grid.lower >= 0 else values * scale - reach
    linear = Linear(values * scale, lower, values * scale + reach, equations)
    return linear, up * scale, np.minimum(down * scale, linear.values - lower)


def _audit(linear: Linear, shared: Mask, own: Mask, up: Floats, down: Floats) -> None:
    """Refuse to publish a table in which a reader can bound a masked cell more tightly than the pack allows."""
    published = [None if hidden else float(v) for hidden, v in zip(shared, linear.values, strict=True)]
    for cell, interval in audit(
        published, linear.equations, linear.lower, linear.upper, of=np.flatnonzero(own)
    ).items():
        value = linear.values[cell]
        if interval.high - value < min(up[cell], linear.upper[cell] - value) - 1e-3 or (
            value - interval.low < min(down[cell], value - linear.lower[cell]) - 1e-3
        ):
            raise InternalError("A masked cell could be worked back from its table; nothing was released.")
