"""Covariance with known vectors (Huth et al. 2023): sums of x weighted by vectors that the attacker knows give each x.

Products of the target with columns of one's own are values that read the target's column, so their populations are
compared like those of the target itself."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, Covariance, Sum
from kernel_guard.plan.relations import Derive, Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")


def test_weighted_sums_over_almost_the_same_patients_are_refused() -> None:
    rows = population(cost=lambda pid: 640_123.5 if pid == 9 else 200.0 + pid % 7)
    rows[8]["weight"] = 299.5
    weighted = Derive(
        PERSON, "y", ex.Arithmetic("multiply", ex.ColumnRef("cost"), ex.ColumnRef("age")), lower=-1e6, upper=1e8
    )
    without = Filter(weighted, ex.Compare("lt", ex.ColumnRef("weight"), ex.Literal(299)))
    with clinic(rows, pack="ohdsi") as c:
        first = c.cells(Aggregate(weighted, (Sum("s", "y"),)))
        second = c.cells(Aggregate(without, (Sum("s", "y"),)))
        plain = c.cells(Aggregate(Filter(PERSON, without.predicate), (Sum("s", "cost"),)))
        # The first is dominated by the target; whatever else is asked of the others, the pair is never given.
        assert first is None or first == {(): (None,)} or (second is None and plain is None)
        assert b"640123.5" not in c.everything


def test_the_covariance_with_an_indicator_of_few_is_masked() -> None:
    """cov(x, 1[i]) is (xᵢ − mean)/(n − 1): of one patient, of few, of all but few, and however the two values are
    written."""
    rows = population(cost=lambda pid: 431.75 if pid == 9 else 300.0 + pid * 13 % 197)
    everybody_but_few = tuple(range(4, 240))
    for few, low, high in (((9,), 0.0, 1.0), ((9, 10, 11), 7.0, 7.5), (everybody_but_few, 0.0, 1.0)):
        for row in rows:
            row["weight"] = high if row["pid"] in few else low
        plain, scaled = Covariance("c", "cost", "weight"), Covariance("r", "cost", "weight", scaled=True)
        with clinic(rows) as c:
            assert c.cells(Aggregate(PERSON, (plain, scaled))) == {(): (None, None)}, few


def test_the_covariance_of_two_indicators_is_a_table_of_two_by_two() -> None:
    """Both are common, but three patients have both: the covariance and the two means would give that number."""
    rows = population(age=lambda pid: 1 if pid <= 60 else 0, weight=lambda pid: 1.0 if pid <= 3 or pid > 180 else 0.0)
    with clinic(rows) as c:
        plan = Aggregate(PERSON, (Covariance("c", "age", "weight"), Covariance("r", "age", "weight", scaled=True)))
        assert c.cells(plan) == {(): (None, None)}
