"""What noise is added to: whole numbers for all cells together, with the bound on what one patient can change.

Privacy unit: one patient with all their rows. Sensitivities are in the L1 norm over the whole vector, all cells
together; `Bounding` (in the engine) proves the bounds `total` on rows and `groups` on cells that they start from, in
fixed-point units u.

- rows:      total · u
- patients:  groups · u
- sum:       total · u · h, for values −h … h on the grid
- mean:      two entries, h·rows − sum and h·rows + sum. A row of weight w adds w·(h − v) and w·(h + v): neither is
             negative, together 2hw. Sensitivity 2h · total · u for both entries at once. Noise of one scale on both
             leaves half of the variance that noise on sum and count, each at half of ε, would leave.
- moments:   the polynomials of `engine.moments` in place of those two (degree 1 is the same): a row of weight w adds
             w · Π(2hᵢ)^dᵢ in all. Source: partition of unity of Bernstein's basis; the matrix mechanism's view of it is
             Li, Hay, Rastogi, Miklau, McGregor (PODS 2010) with the basis as strategy.
- distinct:  how many values of a column have a patient in a cell. A patient has at most `groups` pairs of cell and
             value (cells are chosen, never weighted), so adding or removing one changes at most `groups` of the zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from kernel_guard.errors import InternalError
from kernel_guard.plan.aggregates import CellMeasure, CountDistinct, CountPatients, CountRows, Mean, Quantile, Sum
from kernel_guard.vault.engine.base import MOMENTS, Bounding, Part, PartialRequest, Partials
from kernel_guard.vault.engine.moments import degrees_of, grid_name, row_of
from kernel_guard.vault.mechanisms.noise import add_noise, scale_of

Term = tuple[tuple[Part, int], ...]  # a whole-number combination of partials


@dataclass(frozen=True)
class NoiseVector:
    """`terms` per cell of the partials of `measure`; `values`: cells counted together by whether they are empty."""

    measure: str
    terms: tuple[Term, ...]
    d_in: int
    epsilon: Fraction
    values: int = 0

    @property
    def scale(self) -> float:
        """The scale of the discrete Laplace noise on every entry."""
        return scale_of(self.d_in, self.epsilon)

    def exact(self, partials: Partials) -> list[list[int]]:
        """Term by term the numbers of all cells, before noise."""
        found = [_combined(term, self.measure, partials) for term in self.terms]
        if not self.values:
            return found
        return [
            [sum(v > 0 for v in one[i : i + self.values]) for i in range(0, len(one), self.values)] for one in found
        ]

    def noisy(self, partials: Partials) -> list[list[int]]:
        """The same with noise, at a cost of `epsilon`."""
        exact = self.exact(partials)
        flat = add_noise([v for one in exact for v in one], self.d_in, self.epsilon)
        size = len(exact[0])
        return [flat[i : i + size] for i in range(0, len(flat), size)]


def vector_of(carrier: CellMeasure, request: PartialRequest, epsilon: Fraction) -> NoiseVector:
    """The vector of a measure that is no quantile; sensitivities as derived above."""
    bounds = request.contribution
    if bounds is None or isinstance(carrier, Quantile):
        raise InternalError("There is no noise for this measure.")
    rows = request.total * request.unit
    match carrier:
        case CountRows():
            return NoiseVector(carrier.name, _plain("rows"), rows, epsilon)
        case CountPatients():
            return NoiseVector(carrier.name, _plain("patients"), bounds.groups * request.unit, epsilon)
        case CountDistinct():
            return _distinct(carrier, request, bounds.groups, epsilon)
        case Sum():
            return NoiseVector(carrier.name, _plain("sum"), rows * request.grids[carrier.name].half, epsilon)
        case Mean():
            half = request.grids[carrier.name].half
            terms: tuple[Term, ...] = ((("rows", half), ("sum", -1)), (("rows", half), ("sum", 1)))
            return NoiseVector(carrier.name, terms, 2 * half * rows, epsilon)
    degrees = degrees_of(carrier)
    halves = [request.grids[grid_name(carrier, i)].half for i in range(len(degrees))]
    parts = [p for p in request.parts(carrier) if p in MOMENTS]
    return NoiseVector(carrier.name, _plain(*parts), row_of(halves, degrees) * rows, epsilon)


def _distinct(carrier: CountDistinct, request: PartialRequest, groups: int, epsilon: Fraction) -> NoiseVector:
    if request.bounding is Bounding.NORM:
        raise InternalError("Distinct values cannot be counted where patients are weighted.")
    return NoiseVector(carrier.name, _plain("patients"), groups, epsilon, values=len(request.plan.by[-1].values))


def _plain(*parts: Part) -> tuple[Term, ...]:
    return tuple(((part, 1),) for part in parts)


def _combined(term: Term, measure: str, partials: Partials) -> list[int]:
    columns: list[Sequence[int]] = [partials.values[measure, part] for part, _ in term]
    return [sum(f * v for (_, f), v in zip(term, cell, strict=True)) for cell in zip(*columns, strict=True)]
