"""What the code says of the patients behind its rows: it takes numbers away, and never makes an error."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kernel_guard.vault.runner.claims import ruled
from kernel_guard.vault.runner.parcel import Handed

WHO = tuple(range(1000, 1040))


def handed(*claimed: set[int]) -> Handed:
    rows = tuple(("f", 2.5, True) for _ in claimed)
    columns = (("sex", "string"), ("x", "float"), ("b", "boolean"))
    return Handed("t", "table", columns, rows, tuple(map(frozenset, claimed)), 0)


def test_a_row_of_too_few_loses_its_numbers() -> None:
    found = ruled(handed(set(range(1, 11)), set(range(1, 10))), WHO, 10)
    assert found.handed.rows == (("f", 2.5, True), ("f", None, None))
    assert (found.counts, found.masked) == ((10, 9), (1,))
    assert {row: sorted(people) for row, people in found.sets.items()} == {0: list(range(1000, 1010))}


def test_whom_the_run_did_not_have_is_nobody() -> None:
    assert ruled(handed({0, -1, 41, 10**30, *range(1, 5)}), WHO, 5).counts == (4,)


def test_a_table_that_names_nobody_is_left_to_checkers() -> None:
    plain = Handed("t", "table", (("x", "float"),), ((1.0,),), None, 0)
    found = ruled(plain, WHO, 10)
    assert found.handed is plain and found.counts is None and not found.sets


@given(
    st.lists(st.one_of(st.integers(), st.text(), st.none(), st.just(2**40)), max_size=20),
    st.sets(st.integers(), max_size=20),
)
def test_no_claim_makes_an_error(who: list[Any], claimed: set[int]) -> None:
    assert len(ruled(handed(claimed), tuple(who), 3).counts or ()) == 1
