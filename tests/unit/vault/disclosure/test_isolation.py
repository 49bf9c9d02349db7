"""Sum auditing against an attacker with exact arithmetic over every combination of released sets."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_guard.vault.disclosure.differencing import combinations
from kernel_guard.vault.disclosure.differencing.isolation import Codes, Verdict, find

PATIENTS = 14
LEAST = 4


def codes(members: object) -> Codes:
    return np.unique(np.array(list(members), np.uint32))  # type: ignore[call-overload]


def rank(rows: list[list[int]]) -> int:
    """Exact rank."""
    matrix = [[Fraction(v) for v in row] for row in rows]
    found = 0
    for column in range(len(matrix[0]) if matrix else 0):
        pivot = next((r for r in range(found, len(matrix)) if matrix[r][column]), None)
        if pivot is None:
            continue
        matrix[found], matrix[pivot] = matrix[pivot], matrix[found]
        for r in range(found + 1, len(matrix)):
            factor = matrix[r][column] / matrix[found][column]
            matrix[r] = [a - factor * b for a, b in zip(matrix[r], matrix[found], strict=True)]
        found += 1
    return found


def isolates(sets: list[Codes]) -> bool:
    """Whether some combination vanishes on all but 1 to LEAST − 1 patients, by trying every such group of them.

    One does where the other patients' columns alone have a lower rank than all columns together.
    """
    rows = [[int(p in set(s.tolist())) for p in range(PATIENTS)] for s in sets]
    whole = rank(rows)
    for group in itertools.combinations(range(PATIENTS), LEAST - 1):
        rest = [[v for p, v in enumerate(row) if p not in group] for row in rows]
        if rank(rest) < whole:
            return True
    return False


SETS = st.lists(st.sets(st.integers(0, PATIENTS - 1), min_size=LEAST), min_size=1, max_size=5)


@settings(max_examples=30, deadline=None)
@given(SETS, st.data())
def test_never_safe_where_a_combination_isolates(members: list[set[int]], data: st.DataObject) -> None:
    sets = [codes(m) for m in members]
    split = data.draw(st.integers(0, len(sets) - 1))
    if isolates(sets[:split]) if split else False:
        return  # the history was bad already: what matters is what the new ones add
    verdict = find(sets[:split], sets[split:], LEAST).verdict
    if isolates(sets):
        assert verdict is not Verdict.SAFE


def test_what_is_plainly_safe_passes() -> None:
    whole = codes(range(200))
    halves = [codes(range(100)), codes(range(100, 200))]
    quarters = [codes(range(i, i + 50)) for i in range(0, 200, 50)]
    odd = [codes(range(0, 200, 2)), codes(range(1, 200, 2))]
    assert find([whole], halves, 10).verdict is Verdict.SAFE
    assert find([whole, *halves], [*quarters, *odd], 10).verdict is Verdict.SAFE


@pytest.mark.parametrize("apart", [1, 5, 9])
def test_nested_overlapping_and_combined_sets(apart: int) -> None:
    a, b = codes(range(100)), codes(range(100, 200))
    assert find([a], [codes(range(100 - apart))], 10).verdict is Verdict.ISOLATES
    assert find([a], [codes(range(3, 100 + apart - 3 if apart > 5 else 100))], 10).verdict is Verdict.ISOLATES
    assert find([a, b], [codes(range(200 - apart))], 10).verdict is Verdict.ISOLATES
    assert find([a], [codes(range(100 - 10))], 10).verdict is Verdict.SAFE


def test_the_verdict_does_not_depend_on_chance() -> None:
    """Any combination that is not about a whole cell is about four patients at least, and three are enough."""
    cells = [(1, 2, 12, 17), (3, 4, 5, 8, 18), (6, 9, 16), (7, 11, 13, 20), (10, 14, 15), (19, 21, 23)]
    every = {*range(1, 24)} - {1, 7, 16}
    for _ in range(30):
        assert find([codes(every)], [codes(c) for c in cells], 3).verdict is Verdict.SAFE


def test_rows_count_as_their_patients() -> None:
    """Forty rows that differ belong to two patients."""
    owner = np.repeat(np.arange(20, dtype=np.uint32), 20)
    every, most = codes(range(400)), codes(range(360))
    assert find([every], [most], 10).verdict is Verdict.SAFE
    assert find([every], [most], 10, lambda rows: owner[rows]).verdict is Verdict.ISOLATES


def test_what_is_too_large_is_said_and_never_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combinations, "MOST_PARAMETERS", 3)
    random = np.random.default_rng(1)
    crossing = [codes(random.choice(300, 150, replace=False)) for _ in range(12)]
    assert find(crossing[:6], crossing[6:], 10).verdict is Verdict.TOO_LARGE


@pytest.mark.slow
def test_ten_thousand_earlier_cells_over_a_million_patients() -> None:
    """The history is 50 cohorts by region, year and sex; the bound is generous for a busy machine, `bench` measures."""
    import time

    random = np.random.default_rng(0)
    cell = random.integers(0, 200, 1_000_000)
    old = []
    for _ in range(50):
        cohort = np.flatnonzero(random.random(1_000_000) < 0.06)
        order = np.argsort(cell[cohort], kind="stable")
        ends = np.searchsorted(cell[cohort][order], np.arange(201))
        old += [np.sort(cohort[order[a:b]]).astype(np.uint32) for a, b in itertools.pairwise(ends)]
    fresh = random.integers(0, 80, 1_000_000)
    new = [np.flatnonzero(fresh == i).astype(np.uint32) for i in range(80)]
    for earlier in (old, [*old, np.arange(1_000_000, dtype=np.uint32)]):
        began = time.perf_counter()
        assert find(earlier, new, 10).verdict is Verdict.SAFE
        assert time.perf_counter() - began < 20
    assert find(old, [old[0][:-3]], 10).verdict is Verdict.ISOLATES
