"""Kill the vault between any two steps: no budget is lost or spent twice, no half-written record."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from fractions import Fraction

import pytest

from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key
from kernel_guard.plan.codec import dumps_ask
from kernel_guard.plan.composed import ComposedAsk, NamedTable, Question
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Source
from kernel_guard.vault.config import load_config
from kernel_guard.vault.ledger import CHECKPOINTS, Scope, reconcile
from kernel_guard.vault.wiring import open_gate, open_parts
from tests.lib.vaults import STUDY, Vault

ASK = Ask(Aggregate(Source(STUDY, "person"), (CountPatients("n"),)), Route.DP, epsilon=Fraction(1))
TABLES = ComposedAsk(
    (
        NamedTable("all", ASK.plan),
        NamedTable(
            "sex", Aggregate(Source(STUDY, "person"), (CountPatients("n"),), (Key("gender_concept_id", (8507, 8532)),))
        ),
    ),
    Route.DP,
    epsilon=Fraction(1),
)
GATE_STEPS = ("checked", "reserved", "touched", "ran", "protected", "sealed", "committed")
LEDGER_STEPS = tuple(c for c in CHECKPOINTS if c.startswith(("reserve", "touch", "commit")))
# Before this step is durable nothing was charged; from it on the whole cost stands.
CHARGED_FROM = {*GATE_STEPS[2:], "touch.durable", *(c for c in CHECKPOINTS if c.startswith("commit"))}

CHILD = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    from kernel_guard.plan.codec import loads_question
    from kernel_guard.vault.config import load_config
    from kernel_guard.vault.wiring import open_gate

    def die(name):
        if name == sys.argv[3]:
            os.kill(os.getpid(), signal.SIGKILL)

    gate = open_gate(load_config(Path(sys.argv[1])), checkpoint=die)
    gate.release(sys.argv[2], loads_question(sys.stdin.buffer.read()))
""")


# Tables asked together take the same way: a few steps around the run tell whether one could stay behind.
TOGETHER = ("ran", "commit.charged", "commit.durable")


@pytest.mark.parametrize(
    ("step", "ask"), [*((s, ASK) for s in (*GATE_STEPS, *LEDGER_STEPS)), *((s, TABLES) for s in TOGETHER)]
)
def test_killed_at(step: str, ask: Question, vault: Vault) -> None:
    command = [sys.executable, "-c", CHILD, str(vault.settings), vault.token, step]
    done = subprocess.run(command, input=dumps_ask(ask), capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    gate = open_gate(load_config(vault.settings))
    try:
        budget = gate.budgets(vault.token)[0]["epsilon"]
        assert budget["reserved"] == "0"
        assert budget["spent"] == ("1" if step in CHARGED_FROM else "0")
        was_released = gate.quote(vault.token, ask)["free"]
        assert was_released == (step in ("committed", "commit.durable"))
        gate.release(vault.token, ask)
        paid = 1 if was_released or step not in CHARGED_FROM else 2
        assert gate.budgets(vault.token)[0]["epsilon"]["spent"] == str(paid)
    finally:
        gate.close()
    parts = open_parts(load_config(vault.settings))
    assert parts.audit.verify_chain().intact
    assert not reconcile(parts.store)
    assert parts.ledger.spent(Scope.of_study(STUDY)).epsilon == paid
    parts.store.close()
