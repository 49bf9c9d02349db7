"""Quantiles with an interval of values: it holds the quantile at least as often as it says, and narrows with cost."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from kernel_guard.plan import aggregates as agg
from kernel_guard.plan.privacy import Contribution
from kernel_guard.vault.mechanisms import protect_dp
from tests.lib.cohorts import EVENTS, SEX, answer, ask_for, cohort, column, partials_of, priced

ROWS = cohort()


def intervals(runs: int, *measures: agg.Quantile, **more: Any) -> dict[str, tuple[Any, Any]]:
    """Values and errors of each measure, runs × cells."""
    ask = ask_for(*measures, **more)
    pricing = priced(ask)
    partials = partials_of(pricing, ROWS)
    found = [protect_dp(partials, pricing, ask) for _ in range(runs)]
    return {m.name: (_array(found, m.name), _array(found, f"{m.name}_error")) for m in measures}


def _array(results: Any, name: str) -> Any:
    return np.array([column(r, name) for r in results], dtype=float)


def truth(name: str, q: float, sex: str | None = None) -> float:
    values = [row[name] for row in ROWS["patient"] if sex is None or row["sex"] == sex]
    return float(np.quantile(values, q, method="inverted_cdf"))


@pytest.mark.parametrize("paid", [{"epsilon": 1}, {"rho": Fraction(1, 10)}])
@pytest.mark.parametrize("name", ["age", "weight"])
def test_the_interval_holds_the_quantile(name: str, paid: dict[str, Any]) -> None:
    """The bound is for all data, so that it holds more than 95 of a hundred; it must not hold fewer."""
    measures = [agg.Quantile(f"q{i}", name, q, interval=True) for i, q in enumerate((0.25, 0.5, 0.9))]
    found = intervals(60, *measures, **paid)
    for m in measures:
        values, errors = found[m.name]
        assert (np.abs(values - truth(name, m.q)) <= errors + 0.2).mean() >= 0.95  # a bin of weight


def test_by_group_and_narrower_for_more() -> None:
    one, four = (
        intervals(30, agg.Quantile("m", "age", interval=True), by=(SEX,), epsilon=epsilon)["m"] for epsilon in (1, 4)
    )
    for place, sex in enumerate("fm"):
        inside = np.abs(four[0][:, place] - truth("age", 0.5, sex)) <= four[1][:, place]
        assert inside.mean() >= 0.95
    assert four[1].mean() < 0.6 * one[1].mean()


def test_an_interval_is_paid_for_with_the_quantile() -> None:
    for more in ({"epsilon": 1}, {"rho": Fraction(1, 2)}):
        for contribution in (None, Contribution(2, 3)):
            source = {"source": EVENTS, "by": (agg.Key("code", ("c0", "c1", "c2", "c3")),)} if contribution else {}
            name = "lab" if contribution else "age"
            ask = ask_for(
                agg.Quantile("m", name, interval=True), agg.Quantile("n", name, 0.1), contribution=contribution,
                **source, **more,
            )  # fmt: skip
            pricing = priced(ask)
            (family,) = pricing.queries[0].families
            assert family.spent == family.loss and family.spent.amount in (1, Fraction(1, 2))
            assert len(column(protect_dp(partials_of(pricing, ROWS), pricing, ask), "m")) == (4 if contribution else 1)


def test_what_an_interval_will_be_is_said_before() -> None:
    with_it = priced(ask_for(agg.Quantile("m", "age", interval=True))).measures[0]
    without = priced(ask_for(agg.Quantile("m", "age"))).measures[0]
    assert with_it.error > without.error > 0 and "interval" in with_it.text and "places" in without.text


def test_nobody_has_the_whole_range() -> None:
    found = answer(ask_for(agg.Quantile("m", "age", interval=True)), {"patient": [], "event": []})
    (value,), (error,) = column(found, "m"), column(found, "m_error")
    assert 0 <= value <= 100 and error >= 0
