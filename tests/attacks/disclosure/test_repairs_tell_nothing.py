"""Read a small cell from the ways out that are offered.

Idea: two hospitals differ only in how few patients a masked cell has, or in who stands between a refused question and
the earlier one. If the repairs that are offered differed, they would tell what the masks and the refusal hold back.
Source: simulatable auditing, Kenthapadi, Mishra, Nissim (2005). Absent: any difference between the two.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kernel_guard.errors import KernelGuardError
from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key
from kernel_guard.plan.relations import Filter, Relation, Source
from tests.lib.exact import NAME, Clinic, clinic, population

PERSON = Source(NAME, "person")


def _count(source: Relation, *keys: Key) -> Aggregate:
    return Aggregate(source, (CountPatients("n"),), keys)


def _of_masks(vault: Clinic) -> Any:
    statement = vault.ask(_count(PERSON, Key("site", (1, 2, 3, 4))))
    assert isinstance(statement, dict) and any(row[1] is None for row in statement["rows"])
    return vault.gate.repairs(vault.token, statement["id"])


def _of_refusal(vault: Clinic) -> Any:
    assert isinstance(vault.ask(_count(PERSON)), dict)
    nearly = Filter(PERSON, ex.Compare("ne", ex.ColumnRef("site"), ex.Literal(4)))
    refused = vault.ask(_count(nearly))
    assert isinstance(refused, KernelGuardError)
    public = refused.public()
    public["details"].pop("earlier_release")  # a random name
    return public


@pytest.mark.parametrize("offered", [_of_masks, _of_refusal])
def test_a_small_group_of_any_size_gets_the_same_offers(offered: Callable[[Clinic], Any]) -> None:
    told = set()
    for few in (1, 8):
        with clinic(population(site=lambda pid, few=few: 4 if pid <= few else 1 + pid // 2 % 3)) as vault:
            told.add(json.dumps(offered(vault), sort_keys=True))
    assert len(told) == 1 and "noise" in told.pop()


def test_a_merge_is_offered_where_asking_it_would_be_answered_and_says_no_number() -> None:
    rows = population(site=lambda pid: 1 if pid <= 6 else 2 if pid <= 14 else 3 + pid // 2 % 2)
    with clinic(rows) as vault:
        offers = _of_masks(vault)
        assert offers[0]["kind"] == "merge" and not {"6", "8", "14"} & set(offers[0]["text"].replace(",", " ").split())
