"""Protected code through the gate: policy, price, replay, the audit log, checkers, and a vault that is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel_guard.errors import (
    BudgetExceeded,
    ConfigError,
    Conflict,
    Forbidden,
    NotFound,
    PlanError,
    PolicyForbids,
    SandboxUnavailable,
    Unauthenticated,
    VaultUnavailable,
)
from kernel_guard.plan.codec import dumps_protected
from kernel_guard.plan.privacy import Budget, exact
from kernel_guard.plan.protected import Output, ProtectedAsk, TableUse
from kernel_guard.sandbox import Level
from kernel_guard.trust import dsse
from kernel_guard.trust.people import Person, Right, Role
from kernel_guard.trust.store.times import utc_now
from kernel_guard.vault.config import load_config
from kernel_guard.vault.ledger import Scope, reconcile
from kernel_guard.vault.policy.dataset import DatasetPolicy
from kernel_guard.vault.runner import door, route, turns
from kernel_guard.vault.seal import RELEASE_TYPE
from kernel_guard.vault.wiring import open_gate, open_parts
from tests.lib.beside import CANARY, STUDY, Beside, make_beside


@pytest.fixture(scope="module")
def made() -> Iterator[Beside]:
    folder = Path(tempfile.mkdtemp(prefix="kgb-"))
    beside = make_beside(folder / "v")
    yield beside
    beside.gate.close()
    beside.parts.store.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def beside(made: Beside, monkeypatch: pytest.MonkeyPatch) -> Beside:
    monkeypatch.setattr(route, "QUANTUM", 0.2)
    return made


@pytest.fixture
def never_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused must be refused before a sandbox starts."""

    def start(*_: Any) -> None:
        raise AssertionError("a sandbox was started")

    monkeypatch.setattr("kernel_guard.vault.runner.blocks.open_cell", start)
    monkeypatch.setattr("kernel_guard.vault.runner.route.open_cell", start)


def spent(beside: Beside) -> object:
    return beside.parts.ledger.spent(Scope.of_study(STUDY.name)).epsilon


def events(beside: Beside, after: int) -> list[dict[str, Any]]:
    return list(beside.parts.audit.rows(after))


def checker(user: str = "cem", role: Role = Role.CHECKER, *, signed_in: bool = True, project: str = "p") -> Person:
    soon = utc_now() + timedelta(hours=1)
    return Person(user, user, (Right(project, role, soon),), signed_in, soon)


# --- before anything runs


@pytest.mark.parametrize("opened, code", [([], "release('a', 1)"), (["private"], "release('a', 1)")])
def test_off_unless_the_policy_opens_it(opened: list[str], code: str, beside: Beside, never_run: None) -> None:
    dataset = beside.parts.registry.get(STUDY.name)
    beside.parts.registry.put(STUDY, replace(dataset.policy, protected=tuple(opened)), by="steward")
    try:
        with pytest.raises(PolicyForbids, match="does not run protected code"):
            beside.gate.run_protected(beside.token, beside.ask(code))
        with pytest.raises(PolicyForbids):
            beside.gate.quote_protected(beside.token, beside.ask(code))
    finally:
        beside.parts.registry.put(STUDY, dataset.policy, by="steward")


def test_the_policy_is_off_by_default() -> None:
    assert DatasetPolicy().protected == ()
    assert DatasetPolicy.from_json({}).protected == ()


def test_who_may_not(beside: Beside, never_run: None) -> None:
    with pytest.raises(Unauthenticated):
        beside.gate.run_protected("nonsense", beside.ask("release('a', 1)"))
    with pytest.raises(Forbidden):
        beside.gate.run_protected(beside.checker_token, beside.ask("release('a', 1)"))
    with pytest.raises(Forbidden):
        beside.gate.run_protected(beside.token, ProtectedAsk("other", (TableUse("person"),), "release('a', 1)"))


def test_too_dear(beside: Beside, never_run: None) -> None:
    with pytest.raises(PolicyForbids, match="at most"):
        beside.gate.run_protected(beside.token, beside.private("1", epsilon=exact(51)))
    cap = Scope.of_user(STUDY.name, "ana")
    used = beside.parts.ledger.spent(cap)
    beside.parts.ledger.allot(cap, used + Budget.of("0.5"), by="steward")
    try:
        with pytest.raises(BudgetExceeded):
            beside.gate.run_protected(beside.token, beside.private("1"))
    finally:
        beside.parts.ledger.allot(cap, Budget.of(1000), by="steward")


def test_checkers_are_not_flooded(beside: Beside, never_run: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernel_guard.vault.runner.pending.MAX_WAITING", 0)
    with pytest.raises(Conflict, match="wait for a checker"):
        beside.gate.run_protected(beside.token, beside.ask("release('a', 1)"))


def test_a_full_queue_refuses(beside: Beside, never_run: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_WAITING", 0)
    with beside.gate._protected._turns.mine(), pytest.raises(VaultUnavailable, match="waiting to run"):
        beside.gate.run_protected(beside.token, beside.ask("release('a', 1)"))


def test_who_waits_too_long_pays_nothing(beside: Beside, never_run: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.1)
    before = spent(beside)
    with beside.gate._protected._turns.mine(), pytest.raises(VaultUnavailable, match="for long"):
        beside.gate.run_protected(beside.token, beside.private("1"))
    assert spent(beside) == before and not beside.gate._protected._turns.taken


@pytest.mark.parametrize("memory", [0, 255, True, "2048", 10**9])
def test_an_unsafe_limit_of_memory_is_refused(memory: Any) -> None:
    with pytest.raises(ConfigError, match="protected_memory"):
        DatasetPolicy.from_json({"protected_memory": memory})


def test_without_isolation_nothing_is_paid_or_read(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = beside.gate._protected
    monkeypatch.setattr(runs, "_place", replace(runs._place, minimum=Level.G5, allow=("bare",)))
    before = spent(beside)
    for ask in (beside.private("1"), beside.ask("release('a', 1)")):
        with pytest.raises(SandboxUnavailable):
            beside.gate.run_protected(beside.token, ask)
    assert spent(beside) == before and not reconcile(beside.parts.store)


# --- a private answer


def test_a_private_answer(beside: Beside) -> None:
    ask = beside.private("visit.lab.clip(0, 2).mean()", Output("lab", 0, 2, 1), epsilon=exact(20))
    quoted = beside.gate.quote_protected(beside.token, ask)
    before, rows = spent(beside), beside.parts.audit.head().seq
    left = beside.run(ask)
    statement = left.answer.statement
    assert spent(beside) == before + 20  # type: ignore[operator]
    ((name, value, error),) = statement["rows"]
    assert name == "lab" and value == pytest.approx(1, abs=0.15)
    assert error == quoted["errors"][0]["error"] == pytest.approx(2 / 20 / 8 * 3, rel=0.01)
    assert statement["route"] == "protected" and statement["cost"] == {"epsilon": "20", "delta": "0"}
    signed = dsse.open_statement(left.answer.envelope, [beside.parts.key.public_bytes], RELEASE_TYPE)
    assert signed["predicate"] == statement
    kinds = [row["kind"] for row in events(beside, rows)]
    assert kinds == ["protected.started", "release.made"]
    assert "code_sha256" in events(beside, rows)[0]["details"]

    again = beside.run(ask)  # the same question of the same data: free, at once
    assert again.answer.statement == statement and spent(beside) == before + 20  # type: ignore[operator]
    assert beside.gate.quote_protected(beside.token, ask)["free"]


@pytest.mark.slow
def test_code_that_always_fails_costs_and_says_nothing(beside: Beside) -> None:
    before = spent(beside)
    left = beside.run(beside.private("1 / 0", epsilon=exact(20)))
    assert left.answer.statement["rows"][0][1] == pytest.approx(5, abs=0.5)
    assert spent(beside) == before + 20  # type: ignore[operator]


# --- for checkers

OBJECTS = """
release("tall", person.groupby("sex").height.mean())
if len(person) < 0:
    release("never", 1)
"""


@pytest.fixture(scope="module")
def run(made: Beside) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(route, "QUANTUM", 0.2)
        answer = made.gate.run_protected(made.token, made.ask(OBJECTS))
    assert isinstance(answer, dict)
    return answer


def waiting(beside: Beside, run: dict[str, Any]) -> dict[str, Any]:
    return {w.name: w for w in beside.gate.pending.pending() if w.run == run["run"]}


def test_the_researcher_learns_names_and_states(beside: Beside, run: dict[str, Any]) -> None:
    objects = [o for o in beside.gate.protected_objects(beside.token) if o["run"] == run["run"]]
    assert [(o["name"], o["state"]) for o in objects] == [("tall", "pending"), ("never", "pending")]
    assert set(objects[0]) == {"run", "name", "study", "created", "state", "reason", "release"}


def test_for_others_the_objects_do_not_exist(beside: Beside, run: dict[str, Any]) -> None:
    item = waiting(beside, run)["tall"]
    strangers = [
        checker("ana", Role.RESEARCHER), checker("s", Role.STEWARD), checker(project="other"),
        checker(signed_in=False),
    ]  # fmt: skip
    for person in strangers:
        assert door.listed(beside.gate.pending, person) == {"objects": []}
        with pytest.raises(NotFound):
            door.shown(beside.gate.pending, person, item.id)
        with pytest.raises(NotFound):
            door.voted(beside.gate.pending, person, item.id, {"vote": "approve"})
    with pytest.raises(Forbidden, match="author"):
        beside.gate.pending.approve(item.id, checker("ana"))


def test_two_checkers_release_an_object(beside: Beside, run: dict[str, Any]) -> None:
    pending, rows = beside.gate.pending, beside.parts.audit.head().seq
    item = waiting(beside, run)["tall"]
    seen = door.shown(pending, checker(), item.id)
    assert seen["evidence"]["patients"] == 160 and seen["evidence"]["handed_over"]
    assert door.voted(pending, checker(), item.id, {"vote": "approve"})["state"] == "pending"
    with pytest.raises(Conflict, match="You have voted"):
        pending.approve(item.id, checker())
    assert door.shown(pending, checker("dee"), item.id)["votes"] == []
    done = door.voted(pending, checker("dee"), item.id, {"vote": "approve", "reason": "large groups"})
    assert done["state"] == "approved"
    sealed = beside.gate.stored(beside.token, done["release"])
    assert sealed.statement["rows"] == item.content["rows"] and sealed.statement["cost"]["epsilon"] == "0"
    assert sealed.statement["rules"] == [
        {"rule": "output checker", "verdict": "pass", "detail": "approved by cem, dee"}
    ]
    kinds = [e["kind"] for e in events(beside, rows)]
    assert kinds == ["protected.viewed", "protected.voted", "protected.viewed", "release.made", "protected.approved"]
    with pytest.raises(Conflict, match="approved already"):
        pending.reject(item.id, checker("eve"), "late")


TAKING = """
import mmap
kept = mmap.mmap(-1, 700 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
release("a", 1)
"""


@pytest.mark.parametrize("memory, handed_over", [(512, False), (2_048, True)])
def test_the_policys_limit_of_memory_holds(memory: int, handed_over: bool, beside: Beside) -> None:
    policy = beside.parts.registry.get(STUDY.name).policy
    beside.parts.registry.put(STUDY, replace(policy, protected_memory=memory), by="steward")
    try:
        answer = beside.gate.run_protected(beside.token, beside.ask(TAKING, seconds=4))
    finally:
        beside.parts.registry.put(STUDY, policy, by="steward")
    assert isinstance(answer, dict)
    assert (waiting(beside, answer)["a"].content is not None) is handed_over


def test_one_checker_rejects(beside: Beside, run: dict[str, Any]) -> None:
    pending = beside.gate.pending
    item = waiting(beside, run)["never"]
    assert item.content is None and item.evidence["handed_over"] is False
    with pytest.raises(PlanError, match="Nothing was handed over"):
        pending.approve(item.id, checker())
    assert door.voted(pending, checker(), item.id, {"vote": "reject", "reason": "empty"})["state"] == "rejected"
    (told,) = [o for o in beside.gate.protected_objects(beside.token) if o["name"] == "never"]
    assert (told["state"], told["reason"], told["release"]) == ("rejected", "empty", None)


# --- killed

CHILD = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    from kernel_guard.plan.codec import loads_protected
    from kernel_guard.vault.config import load_config
    from kernel_guard.vault.wiring import open_gate

    def die(name):
        if name == sys.argv[3]:
            os.kill(os.getpid(), signal.SIGKILL)

    gate = open_gate(load_config(Path(sys.argv[1])), checkpoint=die)
    gate.run_protected(sys.argv[2], loads_protected(sys.stdin.buffer.read()))
""")


@pytest.mark.parametrize(
    "step",
    [
        "ran",
        *[
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("reserve.durable", "touched", "sealed", "commit.audited", "commit.durable")
        ],
    ],
)
def test_killed_at(step: str) -> None:
    short = Path(tempfile.mkdtemp(prefix="kgb-"))
    beside = make_beside(short / "v")
    beside.gate.close()
    ask = beside.private("0.0 * len(person)", seconds=0.1)
    command = [sys.executable, "-c", CHILD, str(short / "v" / "vault.toml"), beside.token, step]
    done = subprocess.run(command, input=dumps_protected(ask), capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    gate = open_gate(load_config(short / "v" / "vault.toml"))
    parts = open_parts(load_config(short / "v" / "vault.toml"))
    try:
        (budget,) = gate.budgets(beside.token)
        assert budget["epsilon"]["reserved"] == "0"
        assert budget["epsilon"]["spent"] == ("0" if step == "reserve.durable" else "1")
        assert gate.quote_protected(beside.token, ask)["free"] == (step == "commit.durable")
        assert parts.audit.verify_chain().intact and not reconcile(parts.store)
        assert not gate.protected_objects(beside.token)
    finally:
        gate.close()
        parts.store.close()
        shutil.rmtree(short, ignore_errors=True)
    assert not left_running(str(short))


@pytest.mark.parametrize("step", [pytest.param("touched", marks=pytest.mark.slow), "ran"])
def test_killed_before_a_checker_has_it(step: str) -> None:
    short = Path(tempfile.mkdtemp(prefix="kgb-"))
    beside = make_beside(short / "v")
    beside.gate.close()
    command = [sys.executable, "-c", CHILD, str(short / "v" / "vault.toml"), beside.token, step]
    asked = dumps_protected(beside.ask(f"release('a', '{CANARY}')"))
    done = subprocess.run(command, input=asked, capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    gate = open_gate(load_config(short / "v" / "vault.toml"))
    assert not gate.protected_objects(beside.token) and not gate.pending.pending()
    assert CANARY.encode() not in b"".join(p.read_bytes() for p in (short / "v" / "state").iterdir())
    gate.close()
    shutil.rmtree(short, ignore_errors=True)


def left_running(word: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [str(path)] if word.encode() in path.read_bytes() and str(os.getpid()) not in str(path) else []
        except OSError:
            continue
    return found
