"""A vault whose small study holds a canary, and runs of protected code on it with everything that left."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from kernel_guard.errors import KernelGuardError
from kernel_guard.plan.codec import dumps_protected, loads_protected
from kernel_guard.plan.privacy import Budget, exact
from kernel_guard.plan.protected import Output, ProtectedAsk, SampleAndAggregate, TableUse
from kernel_guard.trust.identity import Role
from kernel_guard.trust.store.times import utc_now
from kernel_guard.vault.config import init_folder, load_config
from kernel_guard.vault.gate import Gate
from kernel_guard.vault.ledger import Scope
from kernel_guard.vault.policy.dataset import DatasetPolicy
from kernel_guard.vault.wiring import Parts, open_gate, open_parts, pending_of
from tests.lib import studies

CANARY = "canary-7f3a9c51"
CANARY_NUMBER = 9.87654321
STUDY = replace(studies.STUDY, name="canaries", synthetic=True)
PATIENTS = 160
TABLES = (TableUse("person"), TableUse("visit"))


def rows() -> dict[str, list[dict[str, Any]]]:
    """160 patients with three visits each; the canary is in patient 17's first visit."""
    people = [
        {"pid": 1000 + i, "sex": "fm"[i % 2], "born": date(1950, 1, 1) + timedelta(days=30 * i),
         "height": 150.0 + i % 40, "smoker": i % 3 == 0, "name": f"{CANARY}-name"}
        for i in range(PATIENTS)
    ]  # fmt: skip
    visits = [
        {"pid": 1000 + i, "ward": 1 + i % 5, "at": datetime(2020, 1, 1 + n), "lab": float(n), "score": 10 * n,
         "text": "x"}
        for i in range(PATIENTS)
        for n in range(3)
    ]  # fmt: skip
    visits[17 * 3] |= {"text": CANARY, "lab": CANARY_NUMBER}
    return {"person": people, "visit": visits}


@dataclass
class Left:
    """Everything that came out of one run."""

    answer: Any = None
    refusal: KernelGuardError | None = None
    log: str = ""
    seconds: float = 0.0  # from the rows' arrival to the answer: starting a sandbox depends on the machine
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def everything(self) -> bytes:
        """All of it as bytes."""
        error = json.dumps(self.refusal.public()) if self.refusal else ""
        answer = repr(getattr(self.answer, "statement", self.answer)) + repr(getattr(self.answer, "envelope", ""))
        return b"\n".join([answer.encode(), error.encode(), self.log.encode(), *self.files.values(),
                           *map(str.encode, self.files)])  # fmt: skip


@dataclass
class Beside:
    """A vault in this process, opened for protected code."""

    folder: Path
    gate: Gate
    parts: Parts
    token: str
    checker_token: str
    passed: dict[str, float]  # checkpoint → when it was passed last

    @property
    def runtime(self) -> Path:
        return self.folder / "run" / "runner"

    def ask(self, code: str, *, tables: tuple[TableUse, ...] = TABLES, seconds: int = 2) -> ProtectedAsk:
        return ProtectedAsk(STUDY.name, tables, code, seconds=seconds)

    def private(self, code: str, *outputs: Output, seconds: float = 0.4, **options: Any) -> ProtectedAsk:
        options = {"epsilon": exact(1), "blocks": 8, "outputs": outputs or (Output("value", 0, 10, 5),), **options}
        ask = ProtectedAsk(STUDY.name, TABLES, code, SampleAndAggregate(seconds=seconds, **options))
        return loads_protected(dumps_protected(ask))  # as the vault's door would have it

    def run(self, ask: ProtectedAsk) -> Left:
        """Run and keep everything that left: answer or refusal, log, time, files that were not there before."""
        left, before = Left(), _files(self.runtime)
        handler = _Kept()
        logging.getLogger().addHandler(handler)
        try:
            left.answer = self.gate.run_protected(self.token, ask)
        except KernelGuardError as error:
            left.refusal = error
        finally:
            logging.getLogger().removeHandler(handler)
        left.seconds = time.monotonic() - self.passed.get("touched", 0)
        left.log = "\n".join(handler.lines)
        left.files = {name: data for name, data in _files(self.runtime).items() if name not in before}
        return left

    def sealed(self, left: Left) -> list[Any]:
        """What waits in the vault of a run: for tests of the sealing itself, not part of what left."""
        return [w for w in pending_of(self.parts).pending() if w.run == left.answer["run"]]

    def checker(self) -> Any:
        return self.parts.grants.look_up(self.checker_token)


def make_beside(folder: Path, checkpoint: Callable[[str], None] = lambda _: None, **policy: Any) -> Beside:
    """A fresh vault with the canary study, a researcher and a checker."""
    passed: dict[str, float] = {}

    def pass_by(step: str) -> None:
        passed[step] = time.monotonic()
        checkpoint(step)

    settings = init_folder(folder, synthetic_only=True)
    config = load_config(settings)
    data = config.data / STUDY.name / STUDY.version
    data.mkdir(parents=True)
    studies.write(data, rows())
    parts = open_parts(config)
    checked = DatasetPolicy.from_json({"protected": ["private", "review"], "max_epsilon": "50", **policy})
    parts.registry.put(STUDY, checked, by="steward")
    for scope in (Scope.of_study(STUDY.name), Scope.of_project(STUDY.name, "p"), Scope.of_user(STUDY.name, "ana")):
        parts.ledger.allot(scope, Budget.of(1000), by="steward")
    token = _grant(parts, "ana", Role.RESEARCHER)
    return Beside(
        folder, open_gate(config, checkpoint=pass_by), parts, token, _grant(parts, "cem", Role.CHECKER), passed
    )


def _grant(parts: Parts, user: str, role: Role) -> str:
    _, token = parts.grants.issue(
        user=user, project="p", role=role.value, studies=[STUDY.name], purpose="tests",
        expires=utc_now() + timedelta(days=1), by="steward",
    )  # fmt: skip
    return token


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _files(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in folder.rglob("*") if folder.exists() else ():
        found[str(path)] = path.read_bytes() if path.is_file() else b""
    return found
