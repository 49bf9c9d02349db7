"""Differencing by a filter: the same question without one known patient.

The cost of the woman with pid 8 is what the two sums differ by."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Mean
from kernel_guard.plan.relations import Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
SEX = Key("sex", ("f", "m"))
N = (CountPatients("n"),)


def test_the_difference_is_refused_as_a_whole() -> None:
    rows = population(cost=lambda pid: 987_654.25 if pid == 8 else 100.0)
    nearly = Filter(PERSON, ex.Compare("ne", ex.ColumnRef("weight"), ex.Literal(rows[7]["weight"] + 0.5)))
    rows[7]["weight"] += 0.5
    with clinic(rows) as c:
        assert c.cells(Aggregate(PERSON, N, (SEX,))) == {("f",): (120,), ("m",): (120,)}
        # By sex the cell that shrinks would tell her sex, so not even the other cell is answered.
        assert c.cells(Aggregate(nearly, N, (SEX,))) is None
        assert c.cells(Aggregate(nearly, N)) is None
        assert c.cells(Aggregate(PERSON, (Mean("m", "age"),))) is not None
        assert c.cells(Aggregate(nearly, (Mean("m", "age"),))) is None
        assert b"119" not in c.everything and b"239" not in c.everything
