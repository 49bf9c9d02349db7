"""Top-k and distinct values: a rare value's rank, its number, or only that it is there."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountDistinct, Key, TopK
from kernel_guard.plan.relations import Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
SITES = (1, 2, 3, 4)


def test_a_rare_value_is_neither_ranked_nor_counted() -> None:
    """The three of site 4, all of them women."""
    rows = population(site=lambda pid: 4 if pid in (2, 4, 6) else 1 + pid // 2 % 3)
    sex = Key("sex", ("f", "m"))
    with clinic(rows) as c:
        top = c.cells(Aggregate(PERSON, (TopK("n", "site", 4, SITES),)))
        assert top is not None and len(top) == 3 and all(site != 4 for _, site in top)
        with_four, without = (
            c.cells(Aggregate(source, (CountDistinct("d", "site"),), (sex,)))
            for source in (PERSON, Filter(PERSON, ex.Compare("ne", ex.ColumnRef("site"), ex.Literal(4))))
        )
        # That anybody has site 4 is not told, and neither may the two questions be set against each other.
        assert with_four == {("f",): (3,), ("m",): (3,)} and without in (None, with_four)


def test_ranks_do_not_order_what_rounding_made_equal() -> None:
    """Sites 2 and 1 have 61 and 62 patients, both 60 when rounded: the order is the declared one."""
    rows = population(183, site=lambda pid: 2 if pid <= 62 else (1 if pid <= 123 else 3))
    with clinic(rows, pack="nhs") as c:
        top = c.cells(Aggregate(PERSON, (TopK("n", "site", 4, SITES),)))
        assert top == {(1, 1): (60,), (2, 2): (60,), (3, 3): (60,)}


def test_the_table_behind_a_ranking_is_compared_as_if_it_were_published() -> None:
    rows = population()
    rows[7]["weight"] = 211.5
    nearly = Filter(PERSON, ex.Compare("ne", ex.ColumnRef("weight"), ex.Literal(211.5)))
    for measure in (TopK("n", "site", 1, SITES), CountDistinct("n", "site")):
        with clinic(rows) as c:
            assert c.cells(Aggregate(PERSON, (measure,))) is not None
            assert c.cells(Aggregate(nearly, (measure,))) is None
