"""What would make a question cost less for the same error, in words, from public facts alone.

- Each piece of advice names what wastes budget, by how much, and what to write instead. At most three, the most
  wasteful first. Nothing here is a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator

from kernel_guard.plan.aggregates import CountDistinct, CountPatients, Quantile, Sum
from kernel_guard.plan.measures import columns_of
from kernel_guard.plan.privacy import Ask
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.engine.grids import bounds_of
from kernel_guard.vault.mechanisms.contribution import number_of_cells
from kernel_guard.vault.mechanisms.pricing import PricedQuery

MANY_CELLS = 200
MOST = 3


def advice(ask: Ask, queries: tuple[PricedQuery, ...], shape: Shape) -> tuple[str, ...]:
    """Up to three sentences."""
    found = [*_contribution(queries, shape), *_offset_sums(ask, shape), *_shares(ask, queries), *_cells(ask)]
    return tuple(text for _, text in sorted(found, key=lambda pair: -pair[0])[:MOST])


def _contribution(queries: tuple[PricedQuery, ...], shape: Shape) -> Iterator[tuple[float, str]]:
    """Many rows of a patient: the error grows with all that one patient may add."""
    request = queries[0].request
    bounds = request.contribution
    if shape.one_row_per_patient or bounds is None:
        return
    carriers = [f.family.carrier for q in queries for f in q.families]
    only_patients = all(isinstance(c, CountPatients | CountDistinct) for c in carriers)
    factor: float = bounds.groups if only_patients else max(request.total, bounds.groups)
    vectors = [f.vector for q in queries for f in q.families if f.vector is not None]
    if vectors and not vectors[0].loss.pure:
        factor = max(bounds.groups**0.5, 1 if only_patients else (bounds.rows * bounds.groups**0.5))
    if factor > 1:
        yield (
            float(factor),
            f"The error is {factor:.3g} times that of one row per patient: reduce to patients first with "
            f".per_patient(…), or let fewer count: .release(rows=1, groups=1).",
        )


def _offset_sums(ask: Ask, shape: Shape) -> Iterator[tuple[float, str]]:
    """A sum's noise grows with the largest value, though all values may be far from zero."""
    for m in ask.plan.measures:
        if not isinstance(m, Sum):
            continue
        lower, upper = bounds_of(shape.column(m.column))
        width, largest = upper - lower, max(abs(lower), abs(upper))
        if width and largest / width >= 2:
            yield (
                largest / width,
                f"The sum of {m.column} is noisy in proportion to {largest:g}, its largest value, not to its range of "
                f"{width:g}: ask for its mean, or derive it from {lower:g}.",
            )


def _shares(ask: Ask, queries: tuple[PricedQuery, ...]) -> Iterator[tuple[float, str]]:
    """Several families share ε: who needs some of them less should say so."""
    families = [f for q in queries for f in q.families]
    selections = sum(len(f.family.members) for f in families if isinstance(f.family.carrier, Quantile))
    if selections > 5:
        yield float(selections), f"{selections} quantiles share the cost: three (0.25, 0.5, 0.75) are often enough."
    if len(families) > 3 and ask.weights is None:
        yield (
            float(len(families)),
            f"{len(families)} noisy tables share the cost alike: weights={{…}} gives more to those that matter.",
        )


def _cells(ask: Ask) -> Iterator[tuple[float, str]]:
    """Small cells drown in noise whatever they cost."""
    cells = number_of_cells(ask.plan)
    columns = {c for m in ask.plan.measures for c in columns_of(m)}
    if cells > MANY_CELLS and columns:
        yield cells / MANY_CELLS, f"{cells:,} cells leave few patients in each: group by fewer or coarser categories."
