"""A tracker: padding a small group with a large one, and taking the large one away again."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients
from kernel_guard.plan.relations import Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
N = (CountPatients("n"),)


def test_padding_does_not_help() -> None:
    target = ex.And(
        ex.Compare("eq", ex.ColumnRef("sex"), ex.Literal("f")), ex.Compare("eq", ex.ColumnRef("age"), ex.Literal(34))
    )
    men = ex.Compare("eq", ex.ColumnRef("sex"), ex.Literal("m"))
    with clinic(population()) as c:
        assert c.cells(Aggregate(Filter(PERSON, target), N)) == {(): (None,)}
        assert c.cells(Aggregate(Filter(PERSON, men), N)) == {(): (120,)}
        assert c.cells(Aggregate(Filter(PERSON, ex.Or(men, target)), N)) is None
        assert c.cells(Aggregate(Filter(PERSON, ex.Not(target)), N)) == {(): (236,)}  # nothing to set it against yet
        assert c.cells(Aggregate(PERSON, N)) is None
        assert b"240" not in c.everything and b"124" not in c.everything


def test_a_combination_of_four_answers_is_refused() -> None:
    """A + B − (A or B) is A and B: the general tracker."""
    a = ex.Compare("lt", ex.ColumnRef("age"), ex.Literal(50))
    b = ex.Or(
        ex.Compare("ge", ex.ColumnRef("age"), ex.Literal(50)),
        ex.Compare("eq", ex.ColumnRef("age"), ex.Literal(34)),
    )
    with clinic(population()) as c:
        assert c.cells(Aggregate(Filter(PERSON, a), N)) is not None
        assert c.cells(Aggregate(Filter(PERSON, b), N)) is not None
        assert c.cells(Aggregate(PERSON, N)) is None
