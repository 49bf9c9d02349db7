"""Label types: the decision is the same whatever the labels of a group are."""

from __future__ import annotations

import numpy as np

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key
from kernel_guard.plan.relations import Derive, Source
from kernel_guard.vault.disclosure.layout import Layout
from kernel_guard.vault.disclosure.pack import load_pack
from kernel_guard.vault.disclosure.rules import minimum, zeros
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
N = (CountPatients("n"),)


def test_numbers_texts_booleans_and_cuts_as_labels() -> None:
    rows = population(site=lambda pid: 1 if pid > 6 else 2, sex=lambda pid: "m" if pid > 6 else "f",
                      smoker=lambda pid: pid > 6, age=lambda pid: 30 if pid > 6 else 60)  # fmt: skip
    cut = Derive(PERSON, "band", ex.Cut(ex.ColumnRef("age"), (0.0, 40.0, 120.0), ("young", "old")))
    asked = [
        Aggregate(PERSON, N, (Key("site", (1, 2)),)), Aggregate(PERSON, N, (Key("sex", ("m", "f")),)),
        Aggregate(PERSON, N, (Key("smoker", (True, False)),)), Aggregate(cut, N, (Key("band", ("young", "old")),)),
    ]  # fmt: skip
    for plan in asked:
        with clinic(rows) as c:
            found = c.cells(plan)
            assert found is not None and list(found.values())[1] == (None,)


def test_the_rules_never_see_a_label() -> None:
    pack, patients = load_pack("uk_tre"), np.array([50, 3, 0, 20])
    numbers, texts = ((1, 2, 3, 4), (1.5, 2.5, 3.5, 4.5)), (("a", "b", "c", "d"), ("1", "2", "10", "20"))
    for labels in (*numbers, *texts, (True, False, 0.5, "x")):
        assert minimum.too_few(patients, pack).tolist() == [False, True, True, False]
        assert zeros.full(Layout((labels,), False), patients, pack).tolist() == [False] * 4
