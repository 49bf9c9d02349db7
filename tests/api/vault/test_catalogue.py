"""Concept search and the project's spending, asked of a real vault."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from kernel_guard.errors import Forbidden, PlanError, Unauthenticated
from kernel_guard.plan.aggregates import Aggregate, CountPatients
from kernel_guard.plan.codec import dumps_ask
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Source
from tests.lib.vaults import STUDY, Vault

CONCEPTS = f"/v1/studies/{STUDY}/concepts"


@pytest.fixture
def running(vault: Vault) -> Iterator[Vault]:
    process = vault.start()
    yield vault
    process.terminate()
    process.wait(20)


def test_concepts_are_found_by_words_by_code_and_below_an_ancestor(running: Vault) -> None:
    client = running.client()
    by_words = client.get_json(f"{CONCEPTS}?q=DIABETES%20type")["concepts"]
    assert {"concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_code", "descendants"} == set(
        by_words[0]
    )
    assert all("diabetes" in c["concept_name"].lower() and "type" in c["concept_name"].lower() for c in by_words)
    type2 = next(c for c in by_words if c["concept_id"] == 201826)
    assert type2 in client.get_json(f"{CONCEPTS}?q=201826")["concepts"]
    assert type2 in client.get_json(f"{CONCEPTS}?q={type2['concept_code']}")["concepts"]
    parent = max(client.get_json(f"{CONCEPTS}?q=dis")["concepts"], key=lambda c: c["descendants"])
    below = client.get_json(f"{CONCEPTS}?ancestor={parent['concept_id']}")["concepts"]
    assert len(below) == parent["descendants"] > 1


def test_a_search_is_text_from_somebody_with_a_grant(running: Vault) -> None:
    client = running.client()
    for query in ("", "q=", "q=" + "x" * 201, "ancestor=1%20OR%201=1", "ancestor=" + "9" * 30):
        with pytest.raises(PlanError):
            client.get_json(f"{CONCEPTS}?{query}")
    assert client.get_json(f"{CONCEPTS}?q=%27)%20OR%201=1%20--")["concepts"] == []
    with pytest.raises(Unauthenticated):
        running.client("wrong").get_json(f"{CONCEPTS}?q=diabetes")
    with pytest.raises(Forbidden):
        client.get_json("/v1/studies/other/concepts?q=diabetes")


def test_spending_says_who_asked_what_at_which_cost(running: Vault) -> None:
    client = running.client()
    assert client.get_json("/v1/spending") == {"releases": []}
    plan = Aggregate(Source(STUDY, "person"), (CountPatients("n"),))
    client.post_arrow("/v1/releases", dumps_ask(Ask(plan, Route.DP, epsilon=Fraction(1, 2))))
    client.post_arrow("/v1/releases", dumps_ask(Ask(plan, Route.DP, epsilon=Fraction(1, 4))))
    newest, oldest = client.get_json("/v1/spending")["releases"]
    assert (newest["cost"]["epsilon"], oldest["cost"]["epsilon"]) == ("1/4", "1/2")
    assert newest["user"] == "ana" and newest["study"] == STUDY and newest["route"] == "dp"
    assert newest["words"].startswith("Number of patients") and set(newest) == {
        "id", "study", "user", "route", "words", "cost", "created",
    }  # fmt: skip
