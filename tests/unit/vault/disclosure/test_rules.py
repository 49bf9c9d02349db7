"""The rules one by one: survival steps, coefficients, freedom, rounding; and evidence alike in both engines."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Key, Mean, Sum
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Source
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.disclosure.pack import load_pack
from kernel_guard.vault.disclosure.rules import freedom, rounding, survival
from kernel_guard.vault.mechanisms import price
from tests.lib.agree import check_exact, check_owners
from tests.lib.studies import STUDY, engines

PACK = load_pack("uk_tre")
SMALL = st.integers(0, 30)


def _groups(intervals: int) -> st.SearchStrategy[list[list[tuple[int, int]]]]:
    one = st.lists(st.tuples(SMALL, SMALL), min_size=intervals, max_size=intervals)
    return st.lists(one, min_size=1, max_size=3)


@given(st.integers(2, 12).flatmap(_groups))
def test_every_survival_step_stands_for_enough_patients(groups: list[list[tuple[int, int]]]) -> None:
    left = np.array(groups, np.int64)
    ends, least = survival.steps(left, PACK), PACK.survival
    alone = [survival.steps(group[None], PACK) for group in left]
    assert bool(ends) <= any(alone)  # a group without a step holds nobody up
    for group, own in zip(left, alone, strict=True):
        start = 0
        for end in ends if own else []:
            step, after = group[start : end + 1].sum(axis=0), group[end + 1 :].sum()
            assert step.sum() >= least and all(n == 0 or n >= least for n in (*step, after))
            start = end + 1


def test_steps_are_as_fine_as_the_rule_allows() -> None:
    one = np.array([[[12, 0], [4, 6], [6, 4], [3, 0], [15, 0], [40, 2]]])
    assert survival.steps(one, PACK) == [0, 2, 4]
    assert survival.steps(np.concatenate([one, one * 0 + 1]), PACK) == [0, 2, 4]
    assert survival.steps(one * 0 + 1, PACK) == []


def test_degrees_of_freedom_and_saturation() -> None:
    found = freedom.too_little(np.array([0, 10, 13, 40, 500]), 3, PACK)
    assert found.tolist() == [False, True, False, False, False]
    assert freedom.too_little(np.array([30]), 12, PACK).tolist() == [True]  # 18 left, and yet saturated


@pytest.mark.parametrize(("name", "expected"), [
    ("opensafely", [0, 0, 5, 10, 15]), ("opensafely_midpoint6", [0, 3, 3, 9, 15]), ("uk_tre", [0, 1, 6, 8, 13])
])  # fmt: skip
def test_rounding(name: str, expected: list[int]) -> None:
    counts = [0, 1, 6, 8, 13]
    assert [rounding.rounded(n, load_pack(name)) for n in counts] == expected


VISITS = st.lists(
    st.fixed_dictionaries({
        "pid": st.one_of(st.none(), st.integers(1, 6)), "ward": st.one_of(st.none(), st.integers(1, 5)),
        "lab": st.one_of(st.none(), st.floats(-20, 20)), "score": st.one_of(st.none(), st.integers(-5, 120)),
        "at": st.none(), "text": st.none(),
    }), max_size=12,
)  # fmt: skip


@settings(max_examples=6, deadline=None)
@given(VISITS)
def test_both_engines_see_the_same(visits: list[dict[str, Any]]) -> None:
    person = [{"pid": i, "sex": "f", "born": None, "height": float(i), "smoker": None, "name": None} for i in (1, 2, 9)]
    with tempfile.TemporaryDirectory() as folder:
        duck, reference = engines(Path(folder), {"person": person, "visit": visits})
        measures = (CountRows("n"), CountPatients("p", "lab"), Sum("s", "lab"), Mean("m", "score"))
        plan = Aggregate(Source("s", "visit"), measures, (Key("ward", (1, 2, 3, 4, 5)),))
        asked = price(Ask(plan, Route.SDC), check_aggregate(plan, STUDY), STUDY).request
        request = replace(asked, filled=True)
        check_exact(duck, reference, request)
        check_owners(duck, reference, "visit")
