"""What noise is added to: whole numbers for all cells together, with the bound on what one patient can change.

Privacy unit: one patient with all their rows. Sensitivities are over the whole vector, all cells together: in the L1
norm for Laplace noise, in the L2 norm for Gaussian noise. `Bounding` (in the engine) proves the bounds `total` on rows,
`rows` on rows in one cell and `groups` on cells that they start from, in fixed-point units u.

- L2, where a row adds at most a to all entries of its cell together in the L1 norm: a patient adds at most a · rows · u
  to each of at most `groups` cells, a · rows · u · √groups in all; where rows are weighted (norm form) at most the L1
  bound a · total · u, since they may all lie in one cell.

- Each kind of vector says in its function's docstring what one patient can change, why, and which mechanism carries it;
  `docs/mechanisms.md` collects them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from kernel_guard.vault.mechanisms.accuracy import Noise
from kernel_guard.vault.mechanisms.loss import Loss
from kernel_guard.vault.mechanisms.noise import Sensitivity, add_noise, noise_of

Made = tuple[tuple["Term", ...], Sensitivity]
Term = tuple[tuple[Part, int], ...]  # a whole-number combination of partials


@dataclass(frozen=True)
class NoiseVector:
    """`terms` per cell of the partials of `measure`; `values`: cells counted together by whether they are empty."""

    measure: str
    terms: tuple[Term, ...]
    sensitivity: Sensitivity
    loss: Loss
    values: int = 0

    @property
    def noise(self) -> Noise:
        """The noise on every entry."""
        return noise_of(self.sensitivity, self.loss)

    def exact(self, partials: Partials) -> list[list[int]]:
        """Term by term the numbers of all cells, before noise."""
        found = [_combined(term, self.measure, partials) for term in self.terms]
        if not self.values:
            return found
        return [
            [sum(v > 0 for v in one[i : i + self.values]) for i in range(0, len(one), self.values)] for one in found
        ]

    def noisy(self, partials: Partials) -> list[list[int]]:
        """The same with noise, at a cost of `loss`."""
        exact = self.exact(partials)
        flat = add_noise([v for one in exact for v in one], self.sensitivity, self.loss)
        size = len(exact[0])
        return [flat[i : i + size] for i in range(0, len(flat), size)]


def vector_of(carrier: CellMeasure, request: PartialRequest, loss: Loss) -> NoiseVector:
    """The vector of a measure that is no quantile."""
    make = _MAKERS.get(type(carrier))
    if request.contribution is None or make is None:
        raise InternalError("There is no noise for this measure.")
    terms, sensitivity = make(carrier, request)
    values = len(request.plan.by[-1].values) if isinstance(carrier, CountDistinct) else 0
    return NoiseVector(carrier.name, terms, sensitivity, loss, values)


def rows(_: CellMeasure, request: PartialRequest) -> Made:
    """Rows per cell.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, total · u over all cells: `Bounding` weighs or counts at most `total` whole rows of a patient,
        each u in fixed point.
    Mechanism: discrete Laplace noise of scale (total · u)/ε on every cell's integer; ε-DP. Paid in ρ: discrete
        Gaussian noise of scale d/√(2ρ), d = rows · u · √groups (weighted rows: total · u) in the L2 norm; ρ-zCDP.
    Source: Ghosh, Roughgarden, Sundararajan (2009); Canonne, Kamath, Steinke (2020), who have both samplers.
    OpenDP: `make_laplace` (L1 distance) or `make_gaussian` (L2 distance) on a vector domain of 64-bit integers; the
        map is checked at each release.
    """
    return _plain("rows"), _of_rows(request, 1)


def patients(_: CellMeasure, request: PartialRequest) -> Made:
    """Patients per cell, and the tables behind top-k and survival.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, groups · u: a patient counts 1 in each of at most `groups` cells, or ⌊u · groups / k⌋ in each of
        k.
    Mechanism: discrete Laplace noise of scale (groups · u)/ε on every cell's integer; ε-DP. Disjoint cells cost
        nothing more: parallel composition is in the sensitivity. Paid in ρ: discrete Gaussian noise with L2
        sensitivity √groups · u, as √k · ⌊u · groups / k⌋ ≤ √groups · u for k > groups; ρ-zCDP.
    Source: Ghosh, Roughgarden, Sundararajan (2009); Canonne, Kamath, Steinke (2020); parallel composition, McSherry
        (2009).
    OpenDP: `make_laplace` (L1 distance) or `make_gaussian` (L2 distance) on a vector domain of 64-bit integers.
    """
    groups, unit = _groups(request), request.unit
    return _plain("patients"), Sensitivity(groups * unit, groups * unit * unit)


def distinct(_: CellMeasure, request: PartialRequest) -> Made:
    """How many declared values of a column have a patient, per cell.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, groups: a patient is kept in at most `groups` pairs of cell and value, chosen by a hash that
        looks at nobody else; adding or removing them turns at most so many zeros. Patients are never weighted here.
    Mechanism: discrete Laplace noise of scale groups/ε on each cell's number of values; ε-DP. Paid in ρ: discrete
        Gaussian noise with L2 sensitivity groups, since all of them may lie in one cell; ρ-zCDP.
    Source: Ghosh, Roughgarden, Sundararajan (2009); Canonne, Kamath, Steinke (2020).
    OpenDP: `make_laplace` (L1 distance) or `make_gaussian` (L2 distance) on a vector domain of 64-bit integers.
    """
    if request.bounding is Bounding.NORM:
        raise InternalError("Distinct values cannot be counted where patients are weighted.")
    groups = _groups(request)
    return _plain("patients"), Sensitivity(groups, groups * groups)


def sums(carrier: CellMeasure, request: PartialRequest) -> Made:
    """Sum of a bounded column per cell.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, total · u · h: every value is a whole number in −h … h on a public grid, clipped as an integer.
    Mechanism: discrete Laplace noise of scale (total · u · h)/ε on the integer sum; ε-DP. Paid in ρ: discrete
        Gaussian noise with L2 sensitivity h · rows · u · √groups (weighted rows: h · total · u); ρ-zCDP.
    Source: Ghosh, Roughgarden, Sundararajan (2009); Canonne, Kamath, Steinke (2020).
    OpenDP: `make_laplace` (L1 distance) or `make_gaussian` (L2 distance) on a vector domain of 64-bit integers.
    """
    return _plain("sum"), _of_rows(request, request.grids[carrier.name].half)


def mean(carrier: CellMeasure, request: PartialRequest) -> Made:
    """Mean of a bounded column per cell, and its sum where both are asked for.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, 2h · total · u for the pair (h·rows − sum, h·rows + sum): a row of weight w adds w(h − v) to one
        and w(h + v) to the other, neither negative, 2hw together.
    Mechanism: discrete Laplace noise of one scale on both; count and sum are half their sum and difference. On sum
        and count apart, each at ε/2, the variance would be twice as large. ε-DP. Paid in ρ: discrete Gaussian noise
        with L2 sensitivity 2h · rows · u · √groups (weighted rows: 2h · total · u); ρ-zCDP.
    Source: strategy matrices, Li, Hay, Rastogi, Miklau, McGregor (2010), with the basis (1 − z)/2, (1 + z)/2.
    OpenDP: `make_laplace` (L1 distance) or `make_gaussian` (L2 distance) on a vector domain of 64-bit integers.
    """
    half = request.grids[carrier.name].half
    return ((("rows", half), ("sum", -1)), (("rows", half), ("sum", 1))), _of_rows(request, 2 * half)


def moments(carrier: CellMeasure, request: PartialRequest) -> Made:
    """Variance, covariance, correlation and rate per cell, from sums of Bernstein polynomials.

    Privacy unit: one patient with all their rows.
    Sensitivity: L1, Π(2hᵢ)^dᵢ · total · u for the whole vector: the polynomials are positive and add up to Π(2hᵢ)^dᵢ
        for every row, whatever its values. Sums that are scaled down for a bound are cut towards zero, which keeps
        it.
    Mechanism: discrete Laplace noise of one scale on all of them; n and the moments are fixed linear combinations.
        ε-DP. Paid in ρ: discrete Gaussian noise with L2 sensitivity Π(2hᵢ)^dᵢ · rows · u · √groups (weighted rows:
        · total · u); ρ-zCDP.
    Source: strategy matrices, Li, Hay, Rastogi, Miklau, McGregor (2010), with Bernstein's basis as a partition of
        unity.
    OpenDP: `make_laplace` (L1 distance) or `make_gaussian` (L2 distance) on a vector domain of 64-bit integers.
    """
    degrees = degrees_of(carrier)
    halves = [request.grids[grid_name(carrier, i)].half for i in range(len(degrees))]
    parts = [p for p in request.parts(carrier) if p in MOMENTS]
    return _plain(*parts), _of_rows(request, row_of(halves, degrees))


_MAKERS: dict[type, Callable[[CellMeasure, PartialRequest], Made]] = {
    CountRows: rows, CountPatients: patients, CountDistinct: distinct, Sum: sums, Mean: mean,
    Variance: moments, Covariance: moments, Rate: moments,
}  # fmt: skip


def _groups(request: PartialRequest) -> int:
    assert request.contribution is not None
    return request.contribution.groups


def _of_rows(request: PartialRequest, each: int) -> Sensitivity:
    """What a patient's rows can add, where a row adds at most `each` to its cell in the L1 norm."""
    assert request.contribution is not None
    one = request.total * request.unit * each
    if request.bounding is Bounding.NORM:
        return Sensitivity(one, one * one)
    in_a_cell = request.contribution.rows * request.unit * each
    return Sensitivity(one, in_a_cell * in_a_cell * _groups(request))


def _plain(*parts: Part) -> tuple[Term, ...]:
    return tuple(((part, 1),) for part in parts)


def _combined(term: Term, measure: str, partials: Partials) -> list[int]:
    columns: list[Sequence[int]] = [partials.values[measure, part] for part, _ in term]
    return [sum(f * v for (_, f), v in zip(term, cell, strict=True)) for cell in zip(*columns, strict=True)]
