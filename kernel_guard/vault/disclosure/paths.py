"""Which rules each measure goes through on the exact route: a closed registry.

- A measure without an entry is refused: new kinds of numbers are not released exactly until somebody has thought
  about them.
- An entry names the analysis type of the statbarns taxonomy, whose class and risks the release records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kernel_guard.errors import PolicyForbids
from kernel_guard.plan.aggregates import (
    CountDistinct,
    CountPatients,
    CountRows,
    Covariance,
    Mean,
    Measure,
    Quantile,
    Rate,
    Sum,
    Survival,
    TopK,
    Variance,
)
from kernel_guard.vault.disclosure.gather import ExactTable, measure_of
from kernel_guard.vault.disclosure.life_steps import thin
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.rules import dominance, freedom, minimum, quantiles, ratios, survival, zeros
from kernel_guard.vault.disclosure.statbarns import Classified, classify
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.engine.evidence import CellEvidence, Kind, Line, lines_of

Check = Callable[[ExactTable, str, RulePack], Mask]


@dataclass(frozen=True)
class RuleUse:
    """One rule on one measure: which cells fail it, and its words."""

    name: str
    fails: Check
    detail: Callable[[RulePack], str]


@dataclass(frozen=True)
class Path:
    """What a kind of measure is, which rules it passes through, and what stands in the place of a masked value."""

    analysis: str
    rules: tuple[RuleUse, ...]
    reason: Callable[[RulePack], str]

    @property
    def classified(self) -> Classified:
        return classify(self.analysis)


def _too_few(table: ExactTable, name: str, pack: RulePack) -> Mask:
    return minimum.too_few(table.evidence[name].patients, pack)


def _full(table: ExactTable, name: str, pack: RulePack) -> Mask:
    return zeros.full(table.layout, table.evidence[name].patients, pack)


def _dominated(table: ExactTable, name: str, pack: RulePack) -> Mask:
    return _any(table, name, lambda cell, _: dominance.dominated(cell, pack))


def _hidden_count(table: ExactTable, name: str, pack: RulePack) -> Mask:
    """A sum in which few patients have anything but 0 (a variance: but one value) tells how many they are."""

    def hides(cell: CellEvidence, line: Line) -> Mask:
        if line.kind is Kind.SPREAD:
            return minimum.too_few(cell.nonzero, pack) & (cell.patients > 0)
        few = (cell.nonzero > 0) & (cell.nonzero < pack.threshold)
        return few | ((cell.patients > cell.nonzero) & ratios.hides_too_few(cell.nonzero, cell.patients, pack))

    return _any(table, name, hides)


def _any(table: ExactTable, name: str, fails: Callable[[CellEvidence, Line], Mask]) -> Mask:
    """Where any line of a measure fails."""
    lines = lines_of(measure_of(table.plan, name))
    return np.asarray(np.logical_or.reduce([fails(table.evidence[line.name], line) for line in lines]))


def _few_free(table: ExactTable, name: str, pack: RulePack) -> Mask:
    parameters = 3 if isinstance(measure_of(table.plan, name), Covariance) else 2
    return np.asarray(freedom.too_little(table.evidence[name].patients, parameters, pack))


def _thin_tail(table: ExactTable, name: str, pack: RulePack) -> Mask:
    measure = measure_of(table.plan, name)
    q = measure.q if isinstance(measure, Quantile) else 0.5
    return np.asarray(quantiles.thin_tail(table.evidence[name].patients, q, pack))


def _thin_steps(table: ExactTable, name: str, pack: RulePack) -> Mask:
    assert isinstance(table.request.shown, Survival)
    return np.asarray(thin(table.evidence[name].patients, table.plan, table.request.shown, pack))


MINIMUM = RuleUse(minimum.NAME, _too_few, minimum.detail)
ZEROS = RuleUse(zeros.NAME, _full, zeros.detail)
RATIOS = RuleUse(ratios.NAME, _hidden_count, ratios.detail)
DOMINANCE = RuleUse(dominance.NAME, _dominated, dominance.detail)
FREEDOM = RuleUse(freedom.NAME, _few_free, freedom.detail)
STEPS = RuleUse(survival.NAME, _thin_steps, survival.detail)
TAILS = RuleUse(quantiles.NAME, _thin_tail, quantiles.detail)

PATHS: dict[type, Path] = {
    CountPatients: Path("FrequencyTable", (MINIMUM, ZEROS), minimum.reason),
    CountRows: Path("FrequencyTable", (MINIMUM, ZEROS, DOMINANCE), dominance.reason),
    Sum: Path("Sum", (MINIMUM, RATIOS, DOMINANCE), dominance.reason),
    Mean: Path("Mean", (MINIMUM, RATIOS, DOMINANCE), dominance.reason),
    Quantile: Path("Quartiles", (MINIMUM, TAILS), quantiles.reason),
    Variance: Path("StandardDeviation", (MINIMUM, RATIOS, DOMINANCE, FREEDOM), dominance.reason),
    Covariance: Path("PearsonsR", (MINIMUM, RATIOS, DOMINANCE, FREEDOM), dominance.reason),
    CountDistinct: Path("FrequencyTable", (MINIMUM, ZEROS), minimum.reason),
    TopK: Path("FrequencyTable", (MINIMUM, ZEROS), minimum.reason),
    Survival: Path("SurvivalTables", (STEPS,), survival.reason),
    Rate: Path("RiskRatios", (MINIMUM, RATIOS, DOMINANCE), dominance.reason),
}


def path_in(table: ExactTable, measure: Measure) -> Path:
    """The rule path of a measure of a table, or of what is derived from the table."""
    return path_of(table.request.shown or measure)


def path_of(measure: Measure) -> Path:
    """The rule path of a measure, or `PolicyForbids`."""
    found = PATHS.get(type(measure))
    if found is None:
        raise PolicyForbids(
            f"{type(measure).__name__} is not released exactly: no disclosure rules are set for it.",
            hint="Ask it with .release(epsilon=…).",
            details={"measure": type(measure).__name__},
        )
    return found
