"""Variances: with the mean, the sum of squares; without one patient, that patient's square. And a count in disguise.

The cost of the woman with pid 8 is what two variances and two means of almost the same patients give."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, Key, Mean, Variance
from kernel_guard.plan.relations import Derive, Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
SEX = Key("sex", ("f", "m"))
COST = 431.75  # not an outlier: no other rule protects it


def test_the_variance_without_her_is_refused() -> None:
    rows = population(cost=lambda pid: COST if pid == 8 else 300.0 + pid * 13 % 197)
    rows[7]["weight"] = 211.5
    nearly = Filter(PERSON, ex.Compare("ne", ex.ColumnRef("weight"), ex.Literal(211.5)))
    both = (Mean("m", "cost"), Variance("v", "cost"))
    with clinic(rows) as c:
        assert c.cells(Aggregate(PERSON, both)) is not None
        assert c.cells(Aggregate(nearly, both)) is None
        # By the standard deviation alone, by group, or of the column in another form.
        assert c.cells(Aggregate(nearly, (Variance("v", "cost", root=True),), (SEX,))) is None
        twice = ex.Arithmetic("multiply", ex.ColumnRef("cost"), ex.Literal(2))
        derived = Derive(nearly, "y", twice, lower=-2000, upper=2_000_000)
        assert c.cells(Aggregate(derived, (Variance("v", "y"),))) is None
        assert str(COST).encode() not in c.everything


def test_the_variance_of_an_indicator_does_not_count_the_few() -> None:
    rows = population(age=lambda pid: 71 if pid in (4, 10, 12) else 60)
    over = Derive(PERSON, "y", ex.Arithmetic("subtract", ex.ColumnRef("age"), ex.Literal(60)), lower=0, upper=60)
    with clinic(rows) as c:
        for source, column in ((PERSON, "age"), (over, "y")):
            assert c.cells(Aggregate(source, (Variance("v", column),))) == {(): (None,)}
            assert c.cells(Aggregate(source, (Variance("v", column, root=True),))) == {(): (None,)}


def test_the_variance_of_all_does_not_give_that_of_a_masked_group() -> None:
    """Totals: the variance of everybody and of each other group leaves that of the group of six."""
    rows = population(site=lambda pid: 4 if pid <= 6 else 1 + pid % 3)
    site = Key("site", (1, 2, 3, 4))
    with clinic(rows) as c:
        found = c.cells(Aggregate(PERSON, (Variance("v", "cost"),), (site,), totals=True))
        assert found is not None
        assert found[(4,)] == (None,) and sum(value == (None,) for value in found.values()) >= 2
