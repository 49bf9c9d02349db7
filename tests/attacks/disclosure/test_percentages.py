"""Percentages worked back: a share of a known whole is a count."""

from __future__ import annotations

from kernel_guard.plan.aggregates import Aggregate, Mean, Sum
from kernel_guard.plan.relations import Source
from kernel_guard.vault.disclosure.pack import load_pack
from kernel_guard.vault.disclosure.rules.ratios import hides_too_few
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")


def test_a_mean_of_zeros_and_ones_is_judged_like_the_count_behind_it() -> None:
    rows = population(cost=lambda pid: 1.0 if pid <= 3 else 0.0)
    with clinic(rows) as c:
        assert c.cells(Aggregate(PERSON, (Mean("share", "cost"),))) == {(): (None,)}
        assert c.cells(Aggregate(PERSON, (Sum("total", "cost"),))) == {(): (None,)}
        assert b"0.0125" not in c.everything


def test_numerator_denominator_and_complement_are_judged() -> None:
    import numpy as np

    pack = load_pack("uk_tre")
    judged = hides_too_few(np.array([50, 5, 97, 0]), np.array([100, 100, 100, 100]), pack)
    assert judged.tolist() == [False, True, True, True]
