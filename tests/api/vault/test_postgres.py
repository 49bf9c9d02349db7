"""The whole vault on a real PostgreSQL: the ledger's promises hold there too, also when it is killed in between."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from fractions import Fraction

import pytest

from kernel_guard.errors import BudgetExceeded, ConfigError, StoreError
from kernel_guard.plan.aggregates import Aggregate, CountPatients
from kernel_guard.plan.codec import dumps_ask
from kernel_guard.plan.expressions import ColumnRef, Compare, Literal
from kernel_guard.plan.privacy import Ask, Budget, Route
from kernel_guard.plan.relations import Filter, Source
from kernel_guard.trust.audit import AuditEvent
from kernel_guard.trust.store.tables import accounts, audit_log
from kernel_guard.vault.admin import add_grant
from kernel_guard.vault.config import load_config
from kernel_guard.vault.ledger import Scope, reconcile
from kernel_guard.vault.wiring import open_gate, open_parts
from tests.api.vault.test_crash import CHARGED_FROM, CHILD
from tests.lib.postgres import new_database
from tests.lib.vaults import STUDY, Vault

PERSON = Source(STUDY, "person")


def ask(i: int, epsilon: str = "1") -> Ask:
    rows = Filter(PERSON, Compare("gt", ColumnRef("year_of_birth"), Literal(1900 + i)))
    return Ask(Aggregate(rows, (CountPatients("n"),)), Route.DP, epsilon=Fraction(epsilon))


@pytest.fixture
def moved(vault: Vault, postgres: str) -> Vault:
    """The test's vault, with its data set and a new grant in PostgreSQL."""
    before = open_parts(load_config(vault.settings))
    dataset = before.registry.get(STUDY)
    before.store.close()
    text = vault.settings.read_text() + f'store_database = "{new_database(postgres)}"\n'
    vault.settings.write_text(text)
    parts = open_parts(load_config(vault.settings))
    parts.registry.put(dataset.study, dataset.policy, by="test")
    parts.ledger.allot(Scope.of_study(STUDY), dataset.policy.dataset_budget, by="test")
    parts.store.close()
    token = add_grant(vault.settings, user="ana", project="p1", studies=[STUDY], purpose="tests", days=1)
    return Vault(vault.folder, token)


def test_threads_race_for_the_last_budget(moved: Vault) -> None:
    gate = open_gate(load_config(moved.settings))
    answers: list[str] = []

    def work(i: int) -> None:
        try:
            gate.release(moved.token, ask(i))
            answers.append("released")
        except BudgetExceeded:
            answers.append("refused")

    threads = [threading.Thread(target=work, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("released") == 10 and answers.count("refused") == 6
    first = gate.release(moved.token, ask(0))
    assert gate.release(moved.token, ask(0)).statement == first.statement
    gate.close()
    parts = open_parts(load_config(moved.settings))
    assert parts.audit.verify_chain().intact and not reconcile(parts.store)
    parts.store.close()


@pytest.mark.parametrize(
    "step", ["reserve.written", "touch.durable", "commit.audited", "commit.written", "commit.durable"]
)
def test_killed_at(step: str, moved: Vault) -> None:
    question = ask(0)
    command = [sys.executable, "-c", CHILD, str(moved.settings), moved.token, step]
    done = subprocess.run(command, input=dumps_ask(question), capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    gate = open_gate(load_config(moved.settings))
    try:
        budget = gate.budgets(moved.token)[0]["epsilon"]
        assert budget["reserved"] == "0" and budget["spent"] == ("1" if step in CHARGED_FROM else "0")
        assert gate.quote(moved.token, question)["free"] == (step == "commit.durable")
    finally:
        gate.close()


def test_the_database_itself_refuses_to_overspend_and_to_forget(moved: Vault) -> None:
    parts = open_parts(load_config(moved.settings))
    parts.audit.record(AuditEvent("thing.done", "test"))
    for change in (
        accounts.update().values(epsilon_spent=accounts.c.epsilon_cap + 1),
        accounts.delete(),
        audit_log.update().values(kind="x"),
        audit_log.delete(),
    ):
        with pytest.raises(StoreError), parts.store.write() as tx:
            tx.execute(change)
    assert parts.ledger.spent(Scope.of_study(STUDY)) == Budget.of(0)
    parts.store.close()


@pytest.mark.parametrize("address", ["sqlite:///x", "mysql://x", "postgresql+psycopg://u:secret@h/d", 5])
def test_an_address_that_is_none_or_holds_a_password_is_refused(vault: Vault, address: object) -> None:
    shown = f'"{address}"' if isinstance(address, str) else str(address)
    vault.settings.write_text(vault.settings.read_text() + f"store_database = {shown}\n")
    with pytest.raises(ConfigError, match="database") as caught:
        load_config(vault.settings)
    assert "secret" not in str(caught.value)
