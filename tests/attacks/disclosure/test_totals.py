"""Totals: a masked cell is what a total leaves over."""

from __future__ import annotations

from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key
from kernel_guard.plan.relations import Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
SEX = Key("sex", ("f", "m"))
SITE = Key("site", (1, 2, 3, 4))
N = (CountPatients("n"),)


def test_no_masked_cell_follows_from_totals() -> None:
    import numpy as np

    from kernel_guard.vault.disclosure.layout import Layout
    from kernel_guard.vault.disclosure.suppression import audit

    rows = population(site=lambda pid: 4 if pid in (2, 4, 6) else 1 + pid % 3)
    plan = Aggregate(PERSON, N, (SEX, SITE), totals=True)
    with clinic(rows) as c:
        found = c.cells(plan)
        assert found is not None
        layout = Layout.of(plan)
        published = [found[label][0] for label in layout.cells]
        ends = np.zeros(len(published)), np.full(len(published), 1000.0)
        for cell, interval in audit(published, layout.equations, *ends).items():
            true = sum(
                1 for r in rows
                if all(k is None or r[n] == k for n, k in zip(("sex", "site"), layout.cells[cell], strict=True))
            )  # fmt: skip
            if true < 10:
                assert interval.low <= 1e-6 and interval.high >= 9 - 1e-6, layout.cells[cell]


def test_totals_asked_apart_do_not_help_either() -> None:
    rows = population(site=lambda pid: 4 if pid in (2, 4, 6) else 1 + pid % 3)
    with clinic(rows) as c:
        first = c.cells(Aggregate(PERSON, N, (SEX, SITE)))
        assert first is not None and first["f", 4] == (None,)
        # The women of sites 1 to 3 are known: the number of all women would give the three at site 4.
        assert c.cells(Aggregate(PERSON, N, (SEX,))) is None
        assert b"120" not in c.everything
