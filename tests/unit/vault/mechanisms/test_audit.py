"""Nobody who sees a release can tell whether a patient was in it better than ε allows: tried, for every statistic.

The neighbours are the worst that bounds allow: a small cohort with and without one patient at the end of every range.
For what divides by a number of patients everybody else is at the other end, so that the one patient is plain to see.
An audit that could not fail would prove nothing: each has to find something, and three broken mechanisms are caught.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

import pytest

from kernel_guard.plan import aggregates as agg
from kernel_guard.plan.privacy import Ask, Contribution
from kernel_guard.vault.mechanisms import Pricing, protect_dp
from kernel_guard.vault.mechanisms.noise import Sensitivity
from kernel_guard.vault.mechanisms.vectors import NoiseVector
from tests.lib.audits import log_ratio, lower_bound, released, renyi
from tests.lib.cohorts import EVENTS, ask_for, cohort

FEW = cohort(12, seed=3)
CANARY: dict[str, Any] = {
    "pid": 99, "sex": "f", "age": 100, "weight": 200.0, "years": 5.0, "died": True, "deaths": 1, "end": "death",
    "days": 0, "code": "c11",
}  # fmt: skip
WITHOUT = {"patient": FEW["patient"], "event": FEW["event"]}
WITH = {
    "patient": [*FEW["patient"], CANARY],
    "event": [*FEW["event"], *[{"pid": 99, "code": "c11", "lab": 10.0}] * 50],
}
ALIKE = [{**row, "age": 0, "weight": 0.0, "years": 5.0, "deaths": 0} for row in FEW["patient"]]
APART = {**CANARY, "years": 0.0}
CODES = tuple(f"c{i}" for i in range(12))
CASES: dict[str, tuple[agg.Measure, dict[str, Any]]] = {
    "patients": (agg.CountPatients("m"), {}),
    "rows of events": (agg.CountRows("m"), {"source": EVENTS, "contribution": Contribution(3, 1)}),
    "sum": (agg.Sum("m", "weight"), {}),
    "sum of events": (agg.Sum("m", "lab"), {"source": EVENTS, "by": (agg.Key("code", CODES[::-1]),)}),
    "mean": (agg.Mean("m", "weight"), {}),
    "variance": (agg.Variance("m", "age"), {}),
    "covariance": (agg.Covariance("m", "age", "weight"), {}),
    "rate": (agg.Rate("m", "deaths", "years"), {}),
    "median": (agg.Quantile("m", "age"), {}),
    # Half of the cost goes to the interval's ends, which are not what is read here.
    "median with an interval": (agg.Quantile("m", "age", interval=True), {"epsilon": 4}),
    "distinct": (agg.CountDistinct("m", "code"), {}),
    "top": (agg.TopK("m", "code", 1, ("c11", "c10")), {}),
    "survival": (agg.Survival("m", "days", "died", (1.0, 100.0), (True,)), {}),
}

AMONG_ALIKE = ("mean", "variance", "covariance", "rate")


def audited(name: str, runs: int, protect: Any = protect_dp, **paid: Any) -> float:
    measure, more = CASES[name]
    ask = ask_for(measure, **{"epsilon": 1, **more, **paid})
    pair = [{"patient": [*ALIKE, APART], "event": []}, {"patient": ALIKE, "event": []}]
    found = [released(ask, rows, "m", runs, protect) for rows in (pair if name in AMONG_ALIKE else (WITH, WITHOUT))]
    return lower_bound(*found, renyi if "rho" in paid else log_ratio)


def a_quarter_of_the_noise(partials: Any, pricing: Pricing, ask: Ask) -> Any:
    """Broken: the sensitivity is taken for a quarter of what it is."""
    quarter = lambda s: Sensitivity(max(1, s.one // 4), max(1, s.two // 16))  # noqa: E731
    return protect_dp(
        partials, _changed(pricing, lambda v: dataclasses.replace(v, sensitivity=quarter(v.sensitivity))), ask
    )


def four_times_the_patient(partials: Any, pricing: Pricing, ask: Ask) -> Any:
    """Broken: a patient counts four times, the noise knows of one."""
    scaled = lambda v: dataclasses.replace(v, terms=tuple(tuple((p, 4 * f) for p, f in t) for t in v.terms))  # noqa: E731
    return protect_dp(partials, _changed(pricing, scaled), ask)


def one_row_per_patient_forgotten(partials: Any, pricing: Pricing, ask: Ask) -> Any:
    """Broken: the noise knows of one row, a patient may add more."""
    return protect_dp(partials, _changed(pricing, lambda v: dataclasses.replace(v, sensitivity=Sensitivity(1, 1))), ask)


def _changed(pricing: Pricing, change: Any) -> Pricing:
    """The same price with other noise behind it, as a mistake in the code would have it."""

    def vector(found: NoiseVector | None) -> NoiseVector | None:
        return None if found is None else change(found)

    queries = tuple(
        dataclasses.replace(q, families=tuple(dataclasses.replace(f, vector=vector(f.vector)) for f in q.families))
        for q in pricing.queries
    )
    return dataclasses.replace(pricing, queries=queries)


def test_every_statistic_is_audited() -> None:
    elsewhere = {agg.CommonValues}  # with its δ, in test_threshold
    assert {type(m) for m, _ in CASES.values()} | elsewhere == set(typing.get_args(agg.Measure))


@pytest.mark.parametrize("name", ["patients", "mean"])
def test_nobody_is_told_apart_better_than_epsilon_allows(name: str) -> None:
    assert audited(name, 600) <= 1.0


def test_a_count_with_too_little_noise_is_caught() -> None:
    assert audited("sum", 600, a_quarter_of_the_noise) > 1.0


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_many_releases_tell_no_more_than_epsilon(name: str) -> None:
    found, claimed = audited(name, 4000), CASES[name][1].get("epsilon", 1)
    print(f"audit {name}: ε ≥ {found:.3f}, claimed {claimed}")
    assert 0.1 < found <= claimed


@pytest.mark.parametrize("name", ["patients", "mean"])
def test_nobody_is_told_apart_better_than_rho_allows(name: str) -> None:
    assert audited(name, 600, rho=1) <= 1.0


def test_gaussian_noise_that_is_too_little_is_caught() -> None:
    assert audited("sum", 600, a_quarter_of_the_noise, rho=1) > 1.0


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_many_releases_tell_no_more_than_rho(name: str) -> None:
    found = audited(name, 4000, rho=1)
    print(f"audit {name}: ρ ≥ {found:.3f}, claimed 1")
    assert 0.1 < found <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("sum", a_quarter_of_the_noise),
        ("patients", four_times_the_patient),
        ("rows of events", one_row_per_patient_forgotten),
    ],
)
def test_broken_mechanisms_are_caught(name: str, broken: Any) -> None:
    found = audited(name, 4000, broken)
    print(f"audit {name}, {broken.__name__}: ε ≥ {found:.3f}, claimed 1")
    assert found > 1.0
