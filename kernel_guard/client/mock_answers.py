"""A question answered from mock rows, in the form that a release of it would have.

- Plain pandas, without noise and without bounds: the numbers mean nothing, the columns and rows are those of an answer.
- A table measure (top-k, survival) brings its own rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from kernel_guard.plan import aggregates as agg
from kernel_guard.plan.measures import columns_of

Rows = pd.DataFrame


def answer(plan: agg.Aggregate, rows: Rows, key: str) -> Rows:
    """Keys and measures as columns, a row for every cell."""
    first = plan.measures[0]
    made: list[dict[str, Any]] = []
    for cell in itertools.product(*(k.values for k in plan.by)):
        keys = dict(zip((k.column for k in plan.by), cell, strict=True))
        chosen = rows
        for name, value in keys.items():
            chosen = chosen[(chosen[name] == value).fillna(False).astype(bool)]
        match first:
            case agg.TopK():
                made += [{**keys, **row} for row in _top(chosen, first, key)]
            case agg.CommonValues():
                made += _common(chosen, first, key)
            case agg.Survival():
                made += [{**keys, **row} for row in _survival(chosen, first)]
            case _:
                made.append({**keys, **{m.name: _number(chosen, m, key) for m in plan.measures}})
    return pd.DataFrame(made)


def _number(rows: Rows, measure: agg.Measure, key: str) -> float:
    match measure:
        case agg.CountRows():
            return float(len(rows))
        case agg.CountPatients():
            present = rows if measure.column is None else rows[rows[measure.column].notna()]
            return float(present[key].nunique())
        case agg.CountDistinct():
            return float(rows[measure.column].nunique())
    held = rows[list(columns_of(measure))].dropna().astype(float)
    first, last = held.iloc[:, 0], held.iloc[:, -1]
    functions: dict[type, Callable[[], float]] = {
        agg.Sum: lambda: first.sum(),
        agg.Mean: lambda: first.mean(),
        agg.Quantile: lambda: float(first.quantile(getattr(measure, "q", 0.5))),
        agg.Variance: lambda: first.std() if getattr(measure, "root", False) else first.var(),
        agg.Covariance: lambda: first.corr(last) if getattr(measure, "scaled", False) else first.cov(last),
        agg.Rate: lambda: first.sum() / max(last.sum(), 1e-9) * getattr(measure, "per", 1.0),
    }
    return float(functions[type(measure)]())


def _top(rows: Rows, measure: agg.TopK, key: str) -> list[dict[str, Any]]:
    counts = {
        v: rows.loc[(rows[measure.column] == v).fillna(False).astype(bool), key].nunique() for v in measure.values
    }
    best = sorted(counts, key=lambda v: -counts[v])[: measure.k]
    return [{"rank": i, measure.column: v, measure.name: counts[v]} for i, v in enumerate(best, 1)]


def _common(rows: Rows, measure: agg.CommonValues, key: str) -> list[dict[str, Any]]:
    counts = rows.groupby(measure.column)[key].nunique().sort_values(ascending=False)
    return [{measure.column: v, measure.name: n} for v, n in counts.head(measure.k or len(counts)).items()]


def _survival(rows: Rows, measure: agg.Survival) -> list[dict[str, Any]]:
    held = rows[[measure.column, measure.event]].dropna()
    time = held[measure.column].astype(float).to_numpy()
    event = held[measure.event].to_numpy()
    alive, made = 1.0, list[dict[str, Any]]()
    happened = dict.fromkeys(measure.causes, 0.0)
    for low, high in zip((-np.inf, *measure.edges), measure.edges, strict=False):
        at_risk, now = (time > low).sum(), (time > low) & (time <= high)
        shares = {c: float((now & (event == c)).sum()) / max(float(at_risk), 1.0) for c in measure.causes}
        happened = {c: happened[c] + alive * share for c, share in shares.items()}
        alive *= 1 - sum(shares.values())
        made += [
            {"time": high, "cause": c, "at_risk": int(at_risk), measure.name: value}
            for c, value in (happened.items() if len(measure.causes) > 1 else [(measure.causes[0], alive)])
        ]
    return made
