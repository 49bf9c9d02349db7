"""The gate: the only way to rows, as one numbered list.

 1 identify      the token names a user, project, role, studies, purpose and time
 2 validate      the plan against the declared schema
 3 policy        may this project ask this by this route
 4 normalise     an identical question about the same data is answered again from the store, free
 5 price         the exact privacy cost
 6 reserve       the budget, in one transaction
 7 run           the engine computes per-patient-bounded partial results
 8 protect       noise (DP) or disclosure rules (SDC)
 9 compare       with what this project was given before (SDC)
10 seal          result, plan, data version, cost, accuracy and rules, signed
11 commit        cost, release and audit record together
12 answer

- Any failure ends the list with an error that knows the plan and the policy, not the data.
- From step 7 on a failure is charged: it could depend on data.
"""

from __future__ import annotations

import base64
import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from kernel_guard import __version__
from kernel_guard.errors import InternalError, KernelGuardError, PolicyForbids, VaultUnavailable
from kernel_guard.plan import words
from kernel_guard.plan.composed import Question
from kernel_guard.plan.privacy import Route
from kernel_guard.plan.protected import ProtectedAsk
from kernel_guard.trust.audit import AuditEvent
from kernel_guard.trust.identity import Grants
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store.times import from_text, utc_now
from kernel_guard.vault.answers import Index, answered
from kernel_guard.vault.catalogue.registry import Dataset, Registry
from kernel_guard.vault.disclosure import Result
from kernel_guard.vault.disclosure.differencing.history import Write
from kernel_guard.vault.engine.base import Engine
from kernel_guard.vault.exact import ExactRoute
from kernel_guard.vault.ledger import Ledger, ReleaseRecord, Replay, Reservation
from kernel_guard.vault.questions import Checked, check_question, study_of
from kernel_guard.vault.repairing import Repairing, asked_in
from kernel_guard.vault.runner.route import ProtectedRoute
from kernel_guard.vault.seal import Sealed, seal
from kernel_guard.vault.views import Views, sealed_again

LOG = logging.getLogger("kernel_guard.vault")
WAIT_FOR_TWIN = 120.0  # seconds that an identical question waits for the answer of the first


class Gate(Views):
    """One vault's gate. Safe to use from several threads.

    `checkpoint` is called between any two steps, for tests that kill the process there.
    """

    def __init__(
        self,
        *,
        grants: Grants,
        registry: Registry,
        ledger: Ledger,
        exact: ExactRoute,
        engine_for: Callable[[Dataset], Engine],
        key: SigningKey,
        protected: ProtectedRoute,
        synthetic_only: bool,
        checkpoint: Callable[[str], None] = lambda _: None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(grants, registry, ledger, synthetic_only=synthetic_only)
        self._exact_route = exact
        self._engine_for = engine_for
        self._key = key
        self._protected = protected
        self.pending = protected.pending
        self._checkpoint = checkpoint
        self._exact = threading.Lock()
        self.close = close

    def release(self, token: str, ask: Question) -> Sealed:
        """Steps 1 to 12."""
        checked = self._checked(token, ask)
        self._checkpoint("checked")
        reservation = self._reserve(checked)  # 4 again (under the lock) and 6
        if isinstance(reservation, Replay):
            return sealed_again(reservation.release)
        self._checkpoint("reserved")
        return self._answer(checked, reservation)

    def quote(self, token: str, ask: Question) -> dict[str, Any]:
        """What a question would cost and how far off its answer would be; touches no data, spends nothing."""
        checked = self._checked(token, ask)
        study, project = checked.dataset.study, checked.grant.project
        known = self._ledger.find_release(study.name, project, study.version, checked.digest)
        return {
            "route": ask.route.value,
            "cost": checked.cost.stated(),
            "free": known is not None or not checked.cost.epsilon,
            "errors": checked.errors(),
            "more": self._ledger.how_many(study.name, project, checked.grant.user, checked.cost),
            "advice": checked.advice,
            "words": words.question(ask),
            "budget": self._budget(checked.grant, study.name),
        }

    def repairs(self, token: str, release_id: str) -> list[Any]:
        """Questions that would be answered without the masks of a release; none when the data are other ones by now."""
        record = self._ledger.release(release_id, self._grants.look_up(token).project)
        checked = self._checked(token, asked_in(record))
        if record.data_version != checked.dataset.study.version:
            return []
        return self._repairing(checked, self._engine_for(checked.dataset)).after_masks(record)

    def run_protected(self, token: str, ask: ProtectedAsk) -> Sealed | dict[str, Any]:
        """Steps 1 to 12 for code beside the rows; see `runner.route`."""
        return self._protected.run(*self._allowed(token, ask.study), ask)

    def quote_protected(self, token: str, ask: ProtectedAsk) -> dict[str, Any]:
        """What a protected run would cost, how far off it would be, and how long it takes; touches no data."""
        grant, dataset = self._allowed(token, ask.study)
        return {**self._protected.quote(grant, dataset, ask), "budget": self._budget(grant, ask.study)}

    def protected_objects(self, token: str) -> list[dict[str, Any]]:
        """Names and states of what the project's protected code handed over."""
        return self.pending.of_project(self._grants.look_up(token))

    def health(self) -> dict[str, Any]:
        return {"status": "ok", "version": __version__, "api": 1, "synthetic_only": self._synthetic_only}

    def public_key(self) -> dict[str, Any]:
        return {"keyid": self._key.keyid, "public_key": base64.b64encode(self._key.public_bytes).decode()}

    def _checked(self, token: str, ask: Question) -> Checked:
        """Steps 1 to 5."""
        return check_question(*self._allowed(token, study_of(ask)), ask)

    def _reserve(self, checked: Checked) -> Reservation | Replay:
        """Step 6; where the same question is being answered right now, wait for that answer."""
        study = checked.dataset.study
        deadline = time.monotonic() + WAIT_FOR_TWIN
        while True:
            try:
                return self._ledger.reserve(
                    uuid.uuid4().hex, checked.grant, study.name, checked.cost, checked.digest, study.version
                )
            except VaultUnavailable as error:
                if not error.details.get("in_flight") or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _answer(self, checked: Checked, reservation: Reservation) -> Sealed:
        try:
            engine = self._engine_for(checked.dataset)
            self._ledger.mark_touched(reservation)
        except BaseException:
            self._ledger.cancel_before_data(reservation)
            raise
        try:
            return self._run_and_commit(checked, reservation, engine)
        except BaseException as error:
            self._ledger.settle_reservation(reservation)
            if isinstance(error, KernelGuardError) or not isinstance(error, Exception):
                raise
            LOG.error("a question failed after data were touched: %s", type(error).__name__)
            raise InternalError(
                "The vault could not answer this question.", hint="Its cost stands. Tell the operator."
            ) from None

    def _run_and_commit(self, checked: Checked, reservation: Reservation, engine: Engine) -> Sealed:
        self._checkpoint("touched")
        # Two exact answers may not pass the comparison side by side, each before the other is on record.
        with self._exact if checked.ask.route is Route.SDC else contextlib.nullcontext():
            result, index, also = self._result(checked, engine)  # 7, 8, 9
            self._checkpoint("protected")
            sealed = seal(
                checked.ask, checked.digest, checked.cost, result, checked.grant, checked.dataset, self._key, utc_now(),
                index,
            )  # 10  # fmt: skip
            self._checkpoint("sealed")
            self._ledger.commit(reservation, _record(sealed, checked), _event(sealed, checked), also)  # 11
        self._checkpoint("committed")
        return sealed  # 12

    def _result(self, checked: Checked, engine: Engine) -> tuple[Result, Index, Write]:
        """The result, where its tables stand in it, and what its commit keeps besides."""
        try:
            return answered(checked, engine, self._exact_route, self._checkpoint)
        except PolicyForbids as refusal:
            refusal.details["repairs"] = self._repairing(checked, engine).after_refusal(refusal)
            raise

    def _repairing(self, checked: Checked, engine: Engine) -> Repairing:
        return Repairing(self._ledger, self._exact_route, engine, checked)


def _record(sealed: Sealed, checked: Checked) -> ReleaseRecord:
    statement = sealed.statement
    return ReleaseRecord(
        id=statement["id"],
        digest=checked.digest,
        statement=statement,
        envelope=sealed.envelope,
        project=checked.grant.project,
        user=checked.grant.user,
        study=statement["study"],
        data_version=statement["data_version"],
        route=statement["route"],
        created=from_text(statement["created"]),
    )


def _event(sealed: Sealed, checked: Checked) -> AuditEvent:
    details = {"purpose": checked.grant.purpose, "words": sealed.statement["words"], "route": checked.ask.route.value}
    return AuditEvent(
        "release.made",
        actor=checked.grant.user,
        project=checked.grant.project,
        study=checked.dataset.study.name,
        subject=sealed.statement["id"],
        details=details,
    )
