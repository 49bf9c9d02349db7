"""A budget that counts in ρ: a question is quoted, charged, sealed and answered again in it, end to end."""

from __future__ import annotations

import base64
import shutil
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from kernel_guard.errors import PolicyForbids
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key
from kernel_guard.plan.codec import dumps_ask
from kernel_guard.plan.privacy import Ask, Budget, Route
from kernel_guard.plan.relations import Source
from kernel_guard.trust import dsse
from kernel_guard.vault.mechanisms.conversion import epsilon_of
from kernel_guard.vault.seal import RELEASE_TYPE
from tests.lib.vaults import POLICY, STUDY, Vault, make_vault

PLAN = Aggregate(Source(STUDY, "person"), (CountPatients("n"),), (Key("gender_concept_id", (8507, 8532)),))
IN_RHO = {**POLICY, "accounting": "zcdp", "project_budget": {"epsilon": "4", "delta": "1/100000"}}


@pytest.fixture(scope="module")
def counted_in_rho() -> Iterator[Vault]:
    folder = Path(tempfile.mkdtemp(prefix="kgv-"))
    vault = make_vault(folder, patients=300, policy=IN_RHO)
    process = vault.start()
    yield vault
    process.terminate()
    process.wait(20)
    shutil.rmtree(folder, ignore_errors=True)


def test_a_question_paid_in_rho_is_charged_sealed_and_answered_again(counted_in_rho: Vault) -> None:
    client, ask = counted_in_rho.client(), Ask(PLAN, Route.DP, rho=Fraction(1, 50))
    quote = client.post_json("/v1/quote", dumps_ask(ask))
    released = client.post_arrow("/v1/releases", dumps_ask(ask))
    statement, cost = released.statement, Budget.read(released.statement["cost"])
    assert statement["cost"] == quote["cost"] and quote["errors"][0]["error"] == 10  # 1.96 · 5, for σ = 1/√(2ρ) = 5
    assert cost.rho == Fraction(1, 50) and cost.delta == Fraction(1, 100_000)
    assert epsilon_of(0.02, 1e-5) <= cost.epsilon <= epsilon_of(0.02, 1e-5) * 1.001
    assert abs(sum(row["n"] for row in released.table.to_pylist()) - 300) < 60
    assert any("zCDP" in rule["detail"] and "Gaussian" in rule["detail"] for rule in statement["rules"])
    key = base64.b64decode(client.get_json("/v1/public-key")["public_key"])
    assert dsse.open_statement(released.envelope, [key], RELEASE_TYPE)["predicate"] == statement
    again = client.post_arrow("/v1/releases", dumps_ask(ask))
    assert again.statement == statement
    budget = client.get_json("/v1/budget")["budgets"][0]
    assert budget["rho"]["spent"] == "0.02" and float(budget["rho"]["left"]) > 0.2


def test_a_dear_question_in_rho_is_refused_by_the_epsilon_that_it_implies(counted_in_rho: Vault) -> None:
    with pytest.raises(PolicyForbids, match="at most ε = 2"):
        counted_in_rho.client().post_json("/v1/quote", dumps_ask(Ask(PLAN, Route.DP, rho=Fraction(1, 5))))
