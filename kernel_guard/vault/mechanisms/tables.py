"""Results with rows of their own: top-k and survival, from one noisy table each, and values that were found.

All of it is post-processing.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kernel_guard.plan.aggregates import CommonValues, Key, Survival, TopK
from kernel_guard.plan.expressions import Value
from kernel_guard.vault.disclosure.layout import Layout
from kernel_guard.vault.disclosure.result import Result, ResultColumn, Rule, TypeName, beside, type_name
from kernel_guard.vault.life_tables import at_risk, curves
from kernel_guard.vault.mechanisms.accuracy import Noise
from kernel_guard.vault.mechanisms.pricing import Pricing
from kernel_guard.vault.mechanisms.simulate import half_widths
from kernel_guard.vault.mechanisms.threshold import Threshold

Row = tuple[Value | None, ...]


def cells_of(by: Sequence[Key]) -> list[tuple[Value, ...]]:
    """Every combination of public key values, the last key running fastest."""
    return list(itertools.product(*(key.values for key in by)))


def top(measure: TopK, pricing: Pricing, noisy: Sequence[int], noise: Noise, rules: tuple[Rule, ...]) -> Result:
    """The k values of a public vocabulary with the largest noisy numbers of patients; of equals the one declared first.

    Privacy unit: one patient with all their rows.
    Sensitivity: that of the table of patients by value: groups · u, the values that one patient may count in.
    Mechanism: discrete Laplace noise on the whole table; choosing the k largest looks at noisy numbers only and costs
        nothing more, whatever k is. ε-DP. Paid in ρ: discrete Gaussian noise, as on any table of patients; ρ-zCDP.
    Source: post-processing of a noisy histogram; Dwork, Roth (2014), proposition 2.1.
    OpenDP: `make_laplace` (L1 distance) or `make_gaussian` (L2 distance) on a vector domain of 64-bit integers.
    """
    by, unit, size = pricing.plan.by, pricing.request.unit, len(measure.values)
    error = noise.half_width(pricing.confidence) / unit + (unit > 1) / 2
    rows: list[Row] = []
    for i, cell in enumerate(cells_of(by)):
        counts = noisy[i * size : (i + 1) * size]
        best = sorted(range(size), key=lambda j: -counts[j])[: measure.k]
        rows += [
            (*cell, rank, measure.values[j], max(0, round(counts[j] / unit)), error) for rank, j in enumerate(best, 1)
        ]
    taken = {k.column for k in by} | {measure.name}
    columns = (
        *_keys(by),
        ResultColumn(_free("rank", taken | {measure.column}), "key", type="integer"),
        ResultColumn(_free(measure.column, taken), "key", type=type_name(measure.values[0])),
        ResultColumn(measure.name, "value", type="integer"),
        ResultColumn(_free(f"{measure.name}_error", taken), "error", measure.name),
    )
    return Result(columns, tuple(rows), pricing.confidence, rules)


def survival(
    measure: Survival, pricing: Pricing, noisy: Sequence[int], noise: Noise, rules: tuple[Rule, ...]
) -> Result:
    """Numbers at risk and curves, with errors by simulation."""
    by, times, causes = pricing.plan.by, measure.edges, measure.causes
    cells = cells_of(by)
    counts = np.array(noisy, dtype=float).reshape(len(cells), -1)
    risk, curve = at_risk(counts, measure), curves(counts, measure)
    risk_error = half_widths(lambda c: at_risk(c, measure), counts, noise, pricing.confidence)
    curve_error = np.minimum(half_widths(lambda c: curves(c, measure), counts, noise, pricing.confidence), 1.0)
    rows: list[Row] = []
    for i, cell in enumerate(cells):
        for j, (time, cause) in enumerate(itertools.product(times, causes)):
            keys = (*cell, float(time), *((cause,) if len(causes) > 1 else ()))
            t = j // len(causes)
            rows.append((*keys, round(risk[i, t]), _f(risk_error[i, t]), _f(curve[i, j]), _f(curve_error[i, j])))
    taken = {k.column for k in by} | {measure.name}
    named = [ResultColumn(_free("cause", taken), "key", type=type_name(causes[0]))] if len(causes) > 1 else []
    risk_name = _free("at_risk", taken)
    columns = (
        *_keys(by),
        ResultColumn(_free("time", taken), "key"),
        *named,
        ResultColumn(risk_name, "value", type="integer"),
        ResultColumn(_free("at_risk_error", taken), "error", risk_name),
        ResultColumn(measure.name, "value"),
        ResultColumn(_free(f"{measure.name}_error", taken), "error", measure.name),
    )
    return Result(columns, tuple(rows), pricing.confidence, rules)


def with_totals(pricing: Pricing, values: Sequence[int], errors: Sequence[float], rules: tuple[Rule, ...]) -> Result:
    """A table of counts with its totals, which add up; None stands for a key that was summed over."""
    name, by = pricing.plan.measures[0].name, pricing.plan.by
    error = ResultColumn(beside(name, "error", [name, *(k.column for k in by)]), "error", name)
    columns = (*_keys(by), ResultColumn(name, "value", type="integer"), error)
    labels = Layout.of(pricing.plan).cells
    rows: list[Row] = [(*label, v, e) for label, v, e in zip(labels, values, errors, strict=True)]
    fitted = Rule("consistency", "applied", "totals add up, no number is below zero; errors are simulated through it")
    return Result(columns, tuple(rows), pricing.confidence, (*rules, fitted))


def common(
    measure: CommonValues, pricing: Pricing, shown: Mapping[Value, int], threshold: Threshold, rules: tuple[Rule, ...]
) -> Result:
    """The values that are shown, the most frequent first; of equals in the order of their texts."""
    error = float(threshold.noise.half_width(pricing.confidence))
    ordered = sorted(shown.items(), key=lambda pair: (-pair[1], str(pair[0])))[: measure.k]
    kind: TypeName = "integer" if all(isinstance(v, int) for v in shown) else "string"
    columns = (
        ResultColumn(_free(measure.column, {measure.name}), "key", type=kind),
        ResultColumn(measure.name, "value", type="integer"),
        ResultColumn(_free(f"{measure.name}_error", {measure.name, measure.column}), "error", measure.name),
    )
    lost = Rule(
        "threshold",
        "applied",
        f"a value is shown where its noisy number of patients is at least {threshold.least}: rarer values are lost, "
        "and numbers close to it are shown more often where the noise has raised them",
    )
    return Result(columns, tuple((v, n, error) for v, n in ordered), pricing.confidence, (*rules, lost))


def _keys(by: Sequence[Key]) -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(k.column, "key", type=type_name(k.values[0])) for k in by)


def _free(wish: str, taken: set[str]) -> str:
    while wish in taken:
        wish += "_"
    return wish


def _f(value: Any) -> float:
    return float(value)
