"""The vault as a client meets it: a real process, a real socket, the whole gate."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from fractions import Fraction

import pytest

from kernel_guard.errors import (
    BudgetExceeded,
    Forbidden,
    KernelGuardError,
    PlanError,
    PolicyForbids,
    Unauthenticated,
    UnknownColumn,
)
from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Key, Mean
from kernel_guard.plan.codec import dumps_ask
from kernel_guard.plan.expressions import ColumnRef, Compare, Literal
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Filter, Relation, Source
from kernel_guard.trust import dsse
from kernel_guard.vault.seal import RELEASE_TYPE
from tests.lib.vaults import STUDY, Vault

PERSON = Source(STUDY, "person")
SEX = Key("gender_concept_id", (8507, 8532))


def dp(epsilon: str = "1/2", source: Relation = PERSON, by: tuple[Key, ...] = (SEX,)) -> Ask:
    return Ask(Aggregate(source, (CountPatients("n"),), by), Route.DP, epsilon=Fraction(epsilon))


def sdc(source: Relation = PERSON, by: tuple[Key, ...] = (SEX,)) -> Ask:
    return Ask(Aggregate(source, (CountPatients("n"),), by), Route.SDC)


@pytest.fixture
def running(vault: Vault) -> Iterator[Vault]:
    process = vault.start()
    yield vault
    process.terminate()
    process.wait(20)


def spent(vault: Vault) -> float:
    return float(vault.client().get_json("/v1/budget")["budgets"][0]["epsilon"]["spent"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_takes_its_socket_along_when_it_is_told_to_stop(vault: Vault, number: signal.Signals) -> None:
    process = vault.start()
    assert vault.socket.exists()
    process.send_signal(number)
    assert process.wait(60) in (128 + number, 128 + signal.SIGINT) and not vault.socket.exists()


def test_schema_has_no_rows_and_blocks_what_identifies(running: Vault) -> None:
    studies = running.client().get_json("/v1/studies")["studies"]
    assert [s["name"] for s in studies] == [STUDY] and studies[0]["synthetic"]
    person = next(t for t in studies[0]["tables"] if t["name"] == "person")
    columns = {c["name"]: c for c in person["columns"]}
    assert person["patient_key"] == "person_id"
    assert columns["person_source_value"]["blocked"] and columns["person_source_value"]["blocked_reason"]


def test_a_release_is_charged_sealed_and_stored(running: Vault) -> None:
    client = running.client()
    quote = client.post_json("/v1/quote", dumps_ask(dp()))
    assert quote["cost"]["epsilon"] == "1/2" and not quote["free"] and quote["errors"][0]["error"] > 0
    assert spent(running) == 0
    released = client.post_arrow("/v1/releases", dumps_ask(dp()))
    statement = released.statement
    assert spent(running) == 0.5 and statement["cost"]["epsilon"] == "1/2"
    rows = released.table.to_pylist()
    assert [row["gender_concept_id"] for row in rows] == [8507, 8532]
    assert abs(sum(row["n"] for row in rows) - 600) < 120 and all(row["n_error"] > 0 for row in rows)
    key = base64.b64decode(client.get_json("/v1/public-key")["public_key"])
    assert dsse.open_statement(released.envelope, [key], RELEASE_TYPE)["predicate"] == statement
    assert client.get_json(f"/v1/releases/{statement['id']}")["statement"] == statement


def test_the_same_question_again_is_the_same_answer_for_free(running: Vault) -> None:
    client = running.client()
    first = client.post_arrow("/v1/releases", dumps_ask(dp()))
    assert client.post_json("/v1/quote", dumps_ask(dp()))["free"]
    second = client.post_arrow("/v1/releases", dumps_ask(dp()))
    assert second.statement == first.statement and second.envelope == first.envelope and spent(running) == 0.5


def test_exact_results_mask_small_cells(running: Vault) -> None:
    born = Filter(PERSON, Compare("ge", ColumnRef("year_of_birth"), Literal(1900)))
    races = Key("race_concept_id", (8527, 8516, 8515, 8557))
    released = running.client().post_arrow("/v1/releases", dumps_ask(sdc(born, (races,))))
    for row in released.table.to_pylist():
        assert (row["n"] is None and "masked" in row["n_status"]) or row["n"] >= 10
    assert any(r["rule"] == "threshold" for r in released.statement["rules"])
    assert spent(running) == 0


def test_exact_questions_about_almost_the_same_patients_are_refused(running: Vault) -> None:
    client = running.client()
    client.post_arrow("/v1/releases", dumps_ask(sdc()))
    years = client.post_arrow(
        "/v1/releases", dumps_ask(sdc(Filter(PERSON, Compare("lt", ColumnRef("year_of_birth"), Literal(1960)))))
    )
    assert years.statement["id"]
    nearly = Filter(PERSON, Compare("ne", ColumnRef("race_concept_id"), Literal(8557)))
    with pytest.raises(PolicyForbids, match="almost the same patients"):
        client.post_arrow("/v1/releases", dumps_ask(sdc(nearly)))


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (dp(source=Source(STUDY, "persn")), UnknownColumn),
        (dp(by=(Key("person_source_value", ("a",)),)), PolicyForbids),
        (dp(epsilon="5"), PolicyForbids),
        (dp(source=Source("another", "person")), Forbidden),
        (Ask(Aggregate(PERSON, (Mean("m", "person_id"),)), Route.DP, epsilon=Fraction(1)), PolicyForbids),
    ],
)
def test_refusals_cost_nothing(running: Vault, ask: Ask, error: type[KernelGuardError]) -> None:
    with pytest.raises(error) as caught:
        running.client().post_arrow("/v1/releases", dumps_ask(ask))
    assert caught.value.hint and spent(running) == 0


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 5000, b"x" * 2_000_000, b'{"version":1,"ask":{"node":"Ask"}}'])
def test_malformed_bodies(running: Vault, body: bytes) -> None:
    with pytest.raises(PlanError):
        running.client().post_json("/v1/releases", body)


def test_strangers_get_nothing(running: Vault) -> None:
    for token in ("x" * 43, running.token[:-1] + "~"):
        for path in ("/v1/studies", "/v1/budget"):
            with pytest.raises(Unauthenticated):
                running.client(token).get_json(path)


def test_too_little_budget_says_what_is_left(running: Vault) -> None:
    client = running.client()
    for i in range(5):
        client.post_arrow(
            "/v1/releases",
            dumps_ask(dp("2", Filter(PERSON, Compare("gt", ColumnRef("year_of_birth"), Literal(1900 + i))))),
        )
    with pytest.raises(BudgetExceeded) as caught:
        client.post_arrow("/v1/releases", dumps_ask(dp("1/2")))
    assert "left" in caught.value.message and spent(running) == 10


def test_64_clients_race_for_the_last_budget(running: Vault) -> None:
    answers: list[str] = []

    def ask(i: int) -> None:
        rows = Filter(PERSON, Compare("gt", ColumnRef("year_of_birth"), Literal(1900 + i)))
        plan = Aggregate(rows, (CountRows("n"),))
        try:
            running.client().post_arrow("/v1/releases", dumps_ask(Ask(plan, Route.DP, epsilon=Fraction(1))))
            answers.append("released")
        except BudgetExceeded:
            answers.append("refused")

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("released") == 10 and answers.count("refused") == 54 and spent(running) == 10


def test_the_twin_of_a_running_question_waits_and_pays_nothing(running: Vault) -> None:
    got: list[str] = []

    def ask() -> None:
        statement = running.client().post_arrow("/v1/releases", dumps_ask(dp("1"))).statement
        got.append(json.dumps(statement, sort_keys=True))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8 and len(set(got)) == 1 and spent(running) == 1


def test_a_second_vault_on_the_same_socket_refuses_to_start(running: Vault) -> None:
    with pytest.raises(AssertionError, match="already serving"):
        _start_directly(running)


def _start_directly(vault: Vault) -> None:
    import sys

    command = [sys.executable, "-m", "kernel_guard.cli.main", "vault", "serve", "-c", str(vault.settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
