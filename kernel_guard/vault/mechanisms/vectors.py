"""What noise is added to: whole numbers for all cells together, with the bound on what one patient can change.

Privacy unit: one patient with all their rows. Sensitivities are in the L1 norm over the whole vector, all cells
together; `Bounding` (in the engine) proves the bounds `total` on rows and `groups` on cells that they start from, in
fixed-point units u.

- Each kind of vector says in its function's docstring what one patient can change, why, and which mechanism carries it;
  `docs/mechanisms.md` collects them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kernel_guard.errors import InternalError
from kernel_guard.plan.aggregates import (
    CellMeasure,
    CountDistinct,
    CountPatients,
    CountRows,
    Covariance,
    Mean,
    Rate,
    Sum,
    Variance,
)
from kernel_guard.vault.engine.base import MOMENTS, Bounding, Part, PartialRequest, Partials
from kernel_guard.vault.engine.moments import degrees_of, grid_name, row_of
from kernel_guard.vault.mechanisms.noise import add_noise, scale_of

Made = tuple[tuple["Term", ...], int]  # terms and L1 sensitivity
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
    """The vector of a measure that is no quantile."""
    make = _MAKERS.get(type(carrier))
    if request.contribution is None or make is None:
        raise InternalError("There is no noise for this measure.")
    terms, d_in = make(carrier, request)
    values = len(request.plan.by[-1].values) if isinstance(carrier, CountDistinct) else 0
    return NoiseVector(carrier.name, terms, d_in, epsilon, values)


def rows(_: CellMeasure, request: PartialRequest) -> Made:
    """Rows per cell.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, total · u over all cells: `Bounding` weighs or counts at most `total` whole rows of a patient,
        each u in fixed point.
    Mechanism: discrete Laplace noise of scale (total · u)/ε on every cell's integer; ε-DP.
    Source: Ghosh, Roughgarden, Sundararajan (2009); sampler of Canonne, Kamath, Steinke (2020).
    OpenDP: `make_laplace` on a vector domain of 64-bit integers, L1 distance; its map is checked at each release.
    """
    return _plain("rows"), request.total * request.unit


def patients(_: CellMeasure, request: PartialRequest) -> Made:
    """Patients per cell, and the tables behind top-k and survival.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, groups · u: a patient counts 1 in each of at most `groups` cells, or ⌊u · groups / k⌋ in each of
        k.
    Mechanism: discrete Laplace noise of scale (groups · u)/ε on every cell's integer; ε-DP. Disjoint cells cost
        nothing more: parallel composition is in the sensitivity.
    Source: Ghosh, Roughgarden, Sundararajan (2009); parallel composition, McSherry (2009).
    OpenDP: `make_laplace` on a vector domain of 64-bit integers, L1 distance.
    """
    return _plain("patients"), _groups(request) * request.unit


def distinct(_: CellMeasure, request: PartialRequest) -> Made:
    """How many declared values of a column have a patient, per cell.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, groups: a patient is kept in at most `groups` pairs of cell and value, chosen by a hash that
        looks at nobody else; adding or removing them turns at most so many zeros. Patients are never weighted here.
    Mechanism: discrete Laplace noise of scale groups/ε on each cell's number of values; ε-DP.
    Source: Ghosh, Roughgarden, Sundararajan (2009).
    OpenDP: `make_laplace` on a vector domain of 64-bit integers, L1 distance.
    """
    if request.bounding is Bounding.NORM:
        raise InternalError("Distinct values cannot be counted where patients are weighted.")
    return _plain("patients"), _groups(request)


def sums(carrier: CellMeasure, request: PartialRequest) -> Made:
    """Sum of a bounded column per cell.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, total · u · h: every value is a whole number in −h … h on a public grid, clipped as an integer.
    Mechanism: discrete Laplace noise of scale (total · u · h)/ε on the integer sum; ε-DP.
    Source: Ghosh, Roughgarden, Sundararajan (2009).
    OpenDP: `make_laplace` on a vector domain of 64-bit integers, L1 distance.
    """
    return _plain("sum"), request.total * request.unit * request.grids[carrier.name].half


def mean(carrier: CellMeasure, request: PartialRequest) -> Made:
    """Mean of a bounded column per cell, and its sum where both are asked for.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, 2h · total · u for the pair (h·rows − sum, h·rows + sum): a row of weight w adds w(h − v) to one
        and w(h + v) to the other, neither negative, 2hw together.
    Mechanism: discrete Laplace noise of one scale on both; count and sum are half their sum and difference. On sum
        and count apart, each at ε/2, the variance would be twice as large. ε-DP.
    Source: strategy matrices, Li, Hay, Rastogi, Miklau, McGregor (2010), with the basis (1 − z)/2, (1 + z)/2.
    OpenDP: `make_laplace` on a vector domain of 64-bit integers, L1 distance.
    """
    half = request.grids[carrier.name].half
    return ((("rows", half), ("sum", -1)), (("rows", half), ("sum", 1))), 2 * half * request.total * request.unit


def moments(carrier: CellMeasure, request: PartialRequest) -> Made:
    """Variance, covariance, correlation and rate per cell, from sums of Bernstein polynomials.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, Π(2hᵢ)^dᵢ · total · u for the whole vector: the polynomials are positive and add up to Π(2hᵢ)^dᵢ
        for every row, whatever its values. Sums that are scaled down for a bound are cut towards zero, which keeps
        it.
    Mechanism: discrete Laplace noise of one scale on all of them; n and the moments are fixed linear combinations.
        ε-DP.
    Source: strategy matrices, Li, Hay, Rastogi, Miklau, McGregor (2010), with Bernstein's basis as a partition of
        unity.
    OpenDP: `make_laplace` on a vector domain of 64-bit integers, L1 distance.
    """
    degrees = degrees_of(carrier)
    halves = [request.grids[grid_name(carrier, i)].half for i in range(len(degrees))]
    parts = [p for p in request.parts(carrier) if p in MOMENTS]
    return _plain(*parts), row_of(halves, degrees) * request.total * request.unit


_MAKERS: dict[type, Callable[[CellMeasure, PartialRequest], Made]] = {
    CountRows: rows, CountPatients: patients, CountDistinct: distinct, Sum: sums, Mean: mean,
    Variance: moments, Covariance: moments, Rate: moments,
}  # fmt: skip


def _groups(request: PartialRequest) -> int:
    assert request.contribution is not None
    return request.contribution.groups


def _plain(*parts: Part) -> tuple[Term, ...]:
    return tuple(((part, 1),) for part in parts)


def _combined(term: Term, measure: str, partials: Partials) -> list[int]:
    columns: list[Sequence[int]] = [partials.values[measure, part] for part, _ in term]
    return [sum(f * v for (_, f), v in zip(term, cell, strict=True)) for cell in zip(*columns, strict=True)]
