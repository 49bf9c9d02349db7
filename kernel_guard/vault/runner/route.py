"""The protected route through the gate. The numbers are those of the gate's list.

 1 identify      done by the gate: grant, role, study
 2 validate      tables, columns, bounds, the code's text; nothing runs
 3 policy        protected code is off unless the data set's policy opens this kind
 4 normalise     an identical private question about the same data is answered again from the store, free
 5 price         private: the declared ε. For a checker: nothing, because nothing is released yet
 6 reserve       the budget, and an audit row with the code's hash and the columns
 7 run           warm sandboxes first, then rows, for a time that was declared before
 8 protect       private: noise over the blocks' answers. For a checker: the threshold, then sealed away
10 seal          signed (private)
11 commit        cost, release and audit record together; or run, objects and audit record together
12 answer        on the clock: at a multiple of QUANTUM seconds after its turn came

- (9, differencing, is about exact releases: a checker's approval makes one, by `pending` and `claims`.)
- Whether the code ran to its end, failed, or was killed is told to nobody, and changes neither answer nor time.
- One run at a time, in `turns`: two could tell each other things through the machine's load.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kernel_guard.errors import InternalError, KernelGuardError
from kernel_guard.plan.codec import digest
from kernel_guard.plan.privacy import Budget
from kernel_guard.plan.protected import (
    ProtectedAsk,
    SampleAndAggregate,
    check_protected,
    protected_in_words,
    releases_of,
)
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.identity import Grant
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.vault.catalogue.registry import Dataset
from kernel_guard.vault.ledger import Ledger, Replay, Reservation
from kernel_guard.vault.mechanisms.sample_aggregate import combine, expected_errors
from kernel_guard.vault.policy.dataset import check_cost, check_protected_is_open
from kernel_guard.vault.runner import blocks, rows
from kernel_guard.vault.runner.cell import MIB, Cell, Place, Task, open_cell
from kernel_guard.vault.runner.claims import ruled
from kernel_guard.vault.runner.parcel import MAX_BYTES, read_objects
from kernel_guard.vault.runner.pending import Pending
from kernel_guard.vault.runner.statements import private_result, record_of, statement
from kernel_guard.vault.runner.turns import Turns
from kernel_guard.vault.seal import Sealed, sign

LOG = logging.getLogger("kernel_guard.vault")
QUANTUM = 5.0
_WARM_UP = 2.0  # a usual one, for the forecast only


@dataclass(frozen=True)
class Checked:
    """A question after steps 1 to 5."""

    grant: Grant
    dataset: Dataset
    ask: ProtectedAsk
    uses: rows.Uses
    digest: str
    began: datetime

    @property
    def cost(self) -> Budget:
        return Budget(self.ask.private.epsilon) if self.ask.private else Budget.of(0)

    def task(self) -> Task:
        private = self.ask.private
        outputs = [[o.name, o.lower, o.upper, o.default] for o in private.outputs] if private else None
        types = {table.name: rows.types_of(table, columns) for table, columns in self.uses}
        return Task(self.ask.code, types, outputs)

    def facts(self) -> dict[str, Any]:
        """What audit log and checkers know of a run: the question, nothing of the rows."""
        return {
            "code_sha256": hashlib.sha256(self.ask.code.encode()).hexdigest(),
            "columns": {table.name: [column.name for column in columns] for table, columns in self.uses},
            "words": protected_in_words(self.ask),
            "purpose": self.grant.purpose,
            "seconds": self.ask.private.seconds if self.ask.private else self.ask.seconds,
            "threshold": self.dataset.policy.rules(self.grant.project).threshold,
        }


class ProtectedRoute:
    """Runs protected code for the gate."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        audit: AuditLog,
        pending: Pending,
        key: SigningKey,
        salt: bytes,
        place: Place,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._ledger, self._audit, self._key = ledger, audit, key
        self._salt, self._place, self._checkpoint = salt, place, checkpoint
        self.pending = pending
        self._turns = Turns()

    def quote(self, grant: Grant, dataset: Dataset, ask: ProtectedAsk) -> dict[str, Any]:
        """Cost, errors and time of a run; touches no data, spends nothing."""
        checked = self._check(grant, dataset, ask)
        known = self._ledger.find_release(ask.study, grant.project, dataset.study.version, checked.digest)
        private = ask.private
        seconds = blocks.planned_seconds(private) if private else ask.seconds + _WARM_UP
        return {
            "route": "protected",
            "kind": _kind(ask),
            "cost": {"epsilon": str(checked.cost.epsilon), "delta": "0"},
            "free": known is not None or not private,
            "errors": expected_errors(private) if private else [],
            "words": protected_in_words(ask),
            "names": list(releases_of(ask.code)) if not private else [o.name for o in private.outputs],
            "blocks": private.blocks if private else 1,
            "seconds": _on_the_clock(seconds) if known is None else 0.0,
        }

    def run(self, grant: Grant, dataset: Dataset, ask: ProtectedAsk) -> Sealed | dict[str, Any]:
        """A sealed release (private), or the notice that a checker has it."""
        checked = self._check(grant, dataset, ask)
        with self._turns.mine():
            began = time.monotonic()
            if not ask.private:
                self.pending.check_room(grant.project)
            answer = self._private(checked, ask.private) if ask.private else self._for_a_checker(checked)
            if isinstance(answer, Replay):
                return Sealed(dict(answer.release.statement), dict(answer.release.envelope))
            # Before the turn is another's and the objects are listed: a second session could watch for either.
            _wait_for_the_clock(began)  # 12
            self.pending.uncover()
            return answer

    def _check(self, grant: Grant, dataset: Dataset, ask: ProtectedAsk) -> Checked:
        uses = check_protected(ask, dataset.study)  # 2
        check_protected_is_open(dataset.policy, _kind(ask), dataset.study.name)  # 3
        checked = Checked(grant, dataset, ask, uses, digest(ask), utc_now())  # 4
        check_cost(dataset.policy, checked.cost.epsilon)  # 5
        return checked

    def _private(self, checked: Checked, private: SampleAndAggregate) -> Sealed | Replay:
        study = checked.dataset.study
        reservation = self._ledger.reserve(
            uuid.uuid4().hex, checked.grant, study.name, checked.cost, checked.digest, study.version
        )  # 6
        if isinstance(reservation, Replay):
            return reservation
        first: list[Cell] = []
        try:
            self._started(checked)
            first = blocks.first_batch(self._place_of(checked), checked.task(), private)
            self._ledger.mark_touched(reservation)
        except BaseException:
            blocks.close_all(first)
            self._ledger.cancel_before_data(reservation)
            raise
        try:
            return self._answer(checked, private, reservation, first)
        except BaseException as error:
            blocks.close_all(first)
            self._ledger.settle_reservation(reservation)
            raise _closed(error) from None

    def _answer(
        self, checked: Checked, private: SampleAndAggregate, reservation: Reservation, first: list[Cell]
    ) -> Sealed:
        self._checkpoint("touched")
        cut = self._load(checked, private.blocks)
        answers = blocks.answers(self._place_of(checked), checked.task(), private, cut, first)  # 7
        self._checkpoint("ran")
        result = private_result(checked.ask, combine(private, answers))  # 8
        made = statement(checked.ask, checked.digest, checked.cost, result, _about(checked))
        sealed = sign(made, self._key)  # 10
        self._checkpoint("sealed")
        event = _event("release.made", checked, sealed.statement["id"], {**checked.facts(), "route": "protected"})
        self._ledger.commit(reservation, record_of(sealed, checked.grant.user), event)  # 11
        self._checkpoint("committed")
        return sealed

    def _for_a_checker(self, checked: Checked) -> dict[str, Any]:
        self._started(checked)  # 6
        cell = open_cell(self._place_of(checked), checked.task())
        try:
            cut = self._load(checked, 1)
            self._checkpoint("touched")
            handed = cell.run(cut.block(0), checked.ask.seconds, MAX_BYTES)  # 7
            self._checkpoint("ran")
            found = read_objects(handed, checked.ask, checked.dataset.study)  # 8
            least = checked.dataset.policy.rules(checked.grant.project).threshold
            objects = {name: ruled(item, cut.who, least) if item else None for name, item in found.items()}
            version, patients = checked.dataset.study.version, cut.patients[0]
            run = self.pending.keep(
                checked.grant, checked.ask, version, objects, checked.facts(), patients, checked.began
            )  # 11
            self._checkpoint("committed")
        except BaseException as error:
            raise _closed(error) from None
        finally:
            cell.close()
        return {"run": run, "status": "waiting", "names": list(objects)}

    def _load(self, checked: Checked, number: int) -> rows.Blocked:
        key = rows.question_key(self._salt, checked.digest)
        return rows.load(checked.dataset.files(), checked.uses, number, key)

    def _place_of(self, checked: Checked) -> Place:
        limits = replace(self._place.limits, memory=checked.dataset.policy.protected_memory * MIB)
        return replace(self._place, limits=limits)

    def _started(self, checked: Checked) -> None:
        details = {**checked.facts(), "kind": _kind(checked.ask), "cost": str(checked.cost.epsilon)}
        self._audit.record(_event("protected.started", checked, checked.digest, details))


def _kind(ask: ProtectedAsk) -> str:
    return "private" if ask.private else "review"


def _about(checked: Checked) -> dict[str, Any]:
    study = checked.dataset.study
    return {
        "created": to_text(checked.began),
        "study": study.name,
        "data_version": study.version,
        "project": checked.grant.project,
        "purpose": checked.grant.purpose,
        "synthetic": study.synthetic,
    }


def _event(kind: str, checked: Checked, subject: str, details: dict[str, Any]) -> AuditEvent:
    grant = checked.grant
    return AuditEvent(
        kind, grant.user, project=grant.project, study=checked.ask.study, subject=subject, details=details
    )


def _closed(error: BaseException) -> BaseException:
    """An error in our words: another one's text may hold a value."""
    if isinstance(error, KernelGuardError) or not isinstance(error, Exception):
        return error
    LOG.error("protected code failed after data were touched: %s", type(error).__name__)
    return InternalError("The vault could not run this.", hint="Its cost stands. Tell the operator.")


def _on_the_clock(seconds: float) -> float:
    return math.ceil(seconds / QUANTUM) * QUANTUM


def _wait_for_the_clock(began: float) -> None:
    elapsed = time.monotonic() - began
    time.sleep(_on_the_clock(elapsed) - elapsed)
