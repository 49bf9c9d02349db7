"""Extremes: no question gives a minimum, a maximum, or a quantile that is one patient's."""

from __future__ import annotations

from kernel_guard.plan.aggregates import Aggregate, Quantile
from kernel_guard.plan.relations import Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")


def test_tail_quantiles_are_masked() -> None:
    rows = population(cost=lambda pid: 912_345.0 if pid == 7 else 100.0 + pid % 50)
    with clinic(rows) as c:
        asked = tuple(Quantile(f"q{i}", "cost", q) for i, q in enumerate((0.001, 0.02, 0.5, 0.97, 0.999)))
        found = c.cells(Aggregate(PERSON, asked))
        assert found is not None
        values = found[()]
        assert [v is None for v in values] == [True, True, False, True, True]
        assert b"912345" not in c.everything
