"""From partials to an exact, disclosure-checked result.

- A measure of a cell is released or masked by its own non-missing patients; a masked value is null with its reason.
- No totals are published, so that no masked cell is the difference of a total and its neighbours; secondary
  suppression, dominance and comparison with earlier releases are rules to come in this folder.
- Each rule that was checked is listed with its verdict, in numbers of cells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from kernel_guard.errors import InternalError
from kernel_guard.plan.aggregates import CountPatients, CountRows, Measure, Quantile, Sum
from kernel_guard.plan.expressions import Value
from kernel_guard.plan.privacy import Route
from kernel_guard.vault.disclosure import rules
from kernel_guard.vault.disclosure.result import Result, ResultColumn, Rule, beside, type_name
from kernel_guard.vault.engine.base import Part, Partials

EXACT_DIGITS = 12
ROUNDED_DIGITS = 4


class SdcPolicy(Protocol):
    """What the rules need of a data set's policy."""

    @property
    def threshold(self) -> int: ...
    @property
    def zeros_disclosive(self) -> bool: ...
    @property
    def rounding(self) -> int: ...


@dataclass(frozen=True)
class _Cell:
    """One measure of one cell: its value where it may be shown, the rule that masks it where not."""

    value: Value | None
    status: str
    rule: str = ""


def protect_sdc(partials: Partials, policy: SdcPolicy) -> Result:
    """Mask, round and derive; every cell of the public grid stands in the result."""
    request = partials.request
    if request.route is not Route.SDC:
        raise InternalError("These partial results are not exact.")
    keys, measures = request.plan.by, request.plan.measures
    names = [k.column for k in keys] + [m.name for m in measures]
    columns = [ResultColumn(k.column, "key", type=type_name(k.values[0])) for k in keys]
    data: list[list[Value | None]] = [[cell[i] for cell in request.cells] for i in range(len(keys))]
    masked: dict[str, int] = {"threshold": 0, "quantile tails": 0}
    for measure in measures:
        cells = [_protect(measure, i, partials, policy) for i in range(len(request.cells))]
        for cell in cells:
            if cell.rule:
                masked[cell.rule] += 1
        counted = isinstance(measure, CountRows | CountPatients)
        columns.append(ResultColumn(measure.name, "value", type="integer" if counted else "float"))
        columns.append(ResultColumn(beside(measure.name, "status", names), "status", measure.name, "string"))
        data += [[c.value for c in cells], [c.status for c in cells]]
    rows = tuple(zip(*data, strict=True))
    return Result(tuple(columns), rows, None, _verdicts(masked, measures, policy))


def _protect(measure: Measure, index: int, partials: Partials, policy: SdcPolicy) -> _Cell:
    patients = partials.values[measure.name, "patients"][index]
    if rules.below_threshold(patients, policy.threshold, policy.zeros_disclosive):
        return _Cell(None, f"masked: fewer than {policy.threshold} patients", "threshold")
    if isinstance(measure, Quantile) and patients and rules.thin_tail(patients, measure.q, policy.threshold):
        return _Cell(None, f"masked: fewer than {policy.threshold} patients on one side", "quantile tails")
    if not isinstance(measure, CountRows | CountPatients) and patients == 0:
        return _Cell(None, "no values")
    rounded = policy.rounding > 1
    return _Cell(_value(measure, index, partials, policy.rounding), "rounded" if rounded else "exact")


def _value(measure: Measure, index: int, partials: Partials, base: int) -> Value:
    def part(name: Part) -> int:
        return partials.values[measure.name, name][index]

    if isinstance(measure, CountPatients):
        return rules.round_to(part("patients"), base)
    if isinstance(measure, CountRows):
        return rules.round_to(part("rows"), base)
    digits = ROUNDED_DIGITS if base > 1 else EXACT_DIGITS
    if isinstance(measure, Quantile):
        return rules.shown(_quantile(measure, part, partials), digits)
    total = partials.request.grids[measure.name].total(part("sum"), part("rows"))
    if base > 1:
        mean = Fraction(rules.shown(total / part("rows"), digits))
        total = mean * rules.round_to(part("rows"), base)
        return rules.shown(total if isinstance(measure, Sum) else mean, digits + 2)
    return rules.shown(total if isinstance(measure, Sum) else total / part("rows"), digits)


def _quantile(measure: Quantile, part: Callable[[Part], int], partials: Partials) -> Fraction:
    """Between the two order statistics, linearly (type 7 of Hyndman and Fan 1996, as in numpy and pandas)."""
    position = Fraction(measure.q) * (part("rows") - 1)
    low, high = part("low"), part("high")
    grid = partials.request.grids[measure.name]
    return grid.total(1, 0) * (low + (high - low) * (position - position.numerator // position.denominator))


def _verdicts(masked: dict[str, int], measures: tuple[Measure, ...], policy: SdcPolicy) -> tuple[Rule, ...]:
    def verdict(name: str, detail: str) -> Rule:
        number = masked[name]
        return Rule(name, "masked" if number else "pass", f"{detail}; {number} value(s) masked" if number else detail)

    zeros = "zeros masked too" if policy.zeros_disclosive else "zeros shown"
    found = [verdict("threshold", f"at least {policy.threshold} patients with a value in each cell, {zeros}")]
    if any(isinstance(m, Quantile) for m in measures):
        found.append(verdict("quantile tails", f"at least {policy.threshold} patients on each side of a quantile"))
    if policy.rounding > 1:
        found.append(Rule("rounding", "applied", f"counts to multiples of {policy.rounding}, then derived numbers"))
    return tuple(found)
