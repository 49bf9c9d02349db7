"""Objects that protected code handed over: sealed in the vault until a checker has decided.

For the review zone: `pending()` lists, `get()` shows with evidence, `approve()` makes a signed release, `reject()`
closes. The researcher sees names and states (`of_project`), never more, until an object is approved.

- A run is written with all its objects and its audit row in one transaction, or not at all. Every name that the
  code's text declares has a row, whether anything was handed over under it or not.
- A checker is signed in, has the role in the project, and is not the author. As many must agree, each by a vote that
  the others do not see, as the project's review policy asks for protected code; one can reject. What nothing was
  handed over for, or what isolates too few with earlier releases (`claims`), can only be rejected.
- An approved object is an exact release of cost 0 under the run's project: it passes through the ledger and the audit
  log as every release does. Killed between the ledger and the row, `approve` may be called again.
"""

from __future__ import annotations

import secrets
import threading
import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from kernel_guard.errors import Conflict, Forbidden, NotFound, PlanError
from kernel_guard.plan.codec import canonical_json, digest
from kernel_guard.plan.privacy import Budget
from kernel_guard.plan.protected import ProtectedAsk, protected_in_words
from kernel_guard.review.policies import Policies
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.identity import Grant, Role
from kernel_guard.trust.people import Person
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store import Store
from kernel_guard.trust.store.tables import protected_objects, protected_runs
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.vault.catalogue.registry import Registry
from kernel_guard.vault.disclosure import refusals
from kernel_guard.vault.disclosure.differencing.history import History, Write
from kernel_guard.vault.ledger import Ledger, ReleaseRecord, Replay
from kernel_guard.vault.runner import claims
from kernel_guard.vault.runner.records import (
    Vote,
    Waiting,
    compared,
    evidence_of,
    object_row,
    run_row,
    vote_of,
    waiting_from,
)
from kernel_guard.vault.runner.statements import record_of, reviewed_result, statement
from kernel_guard.vault.seal import sign

MAX_WAITING = 200


class Pending:
    """The sealed objects of one vault."""

    def __init__(self, store: Store, audit: AuditLog, ledger: Ledger, registry: Registry, key: SigningKey) -> None:
        self._store, self._audit, self._ledger, self._registry, self._key = store, audit, ledger, registry, key
        self._policies, self._history = Policies(store, audit), History(store)
        self._deciding = threading.Lock()
        self._covered: set[str] = set()

    def keep(
        self,
        grant: Grant,
        ask: ProtectedAsk,
        data_version: str,
        handed: dict[str, claims.Ruled | None],
        facts: dict[str, Any],
        patients: int,
        began: datetime,
    ) -> str:
        """Seal what a run handed over; gives its id. `facts` are about the question, `patients` about the rows.

        The run bears the moment at which it began: the moment of its end depends on the rows a little.
        """
        run = secrets.token_hex(16)
        self._covered.add(run)
        event = AuditEvent(
            "protected.sealed", grant.user, project=grant.project, study=ask.study, subject=run, details=facts
        )
        with self._store.write() as tx:
            seq = self._audit.append(tx, event)
            tx.execute(protected_runs.insert().values(**run_row(run, grant, ask, data_version, began), audit_seq=seq))
            for position, (name, item) in enumerate(handed.items()):
                evidence = {**facts, "patients": patients, **evidence_of(item)}
                row = object_row(run, position, name, item.handed if item else None, evidence)
                tx.execute(protected_objects.insert().values(**row))
                claims.keep(tx, row["id"], item.sets if item else {})
        return run

    def uncover(self) -> None:
        """Let projects see what was kept: when it is written depends on its size, so it is listed on the clock."""
        self._covered.clear()

    def pending(self, study: str | None = None) -> list[Waiting]:
        """What waits for a checker, oldest first."""
        where = [protected_objects.c.state == "pending"]
        return self._find(*where, *([protected_runs.c.study == study] if study else []))

    def get(self, object_id: str) -> Waiting:
        """One object, sealed content and evidence included: for a checker's eyes."""
        found = self._find(protected_objects.c.id == object_id)
        if not found:
            raise NotFound("There is no such object.")
        return found[0]

    def of_project(self, grant: Grant) -> list[dict[str, Any]]:
        """What a project may know of its objects: names, states, and releases of approved ones."""
        found = self._find(protected_runs.c.project == grant.project, protected_runs.c.study.in_(grant.studies))
        return [
            {"run": w.run, "name": w.name, "study": w.study, "created": w.created, "state": w.state,
             "reason": w.reason, "release": w.release_id}
            for w in found if w.run not in self._covered
        ]  # fmt: skip

    def view(self, object_id: str, checker: Person) -> Waiting:
        """`shown`, with a row in the audit log before anything is seen."""
        item = self.shown(object_id, checker)
        event = AuditEvent("protected.viewed", checker.user, project=item.project, study=item.study, subject=item.id)
        self._audit.record(event)
        # Not when it was sealed: how long it takes depends on the rows.
        verdict = compared(item, claims.conflict(self._history, self._sets(item), item.ask, self._given(item)))
        return replace(item, evidence={**item.evidence, "differencing": verdict})

    def approve(self, object_id: str, checker: Person, reason: str = "") -> ReleaseRecord | None:
        """Vote for an object's release; answers the release once as many checkers agree as the policy asks."""
        with self._deciding:
            return self._approve(object_id, checker, reason)

    def _approve(self, object_id: str, checker: Person, reason: str) -> ReleaseRecord | None:
        item = self._to_decide(object_id, checker)
        if item.content is None:
            raise PlanError("Nothing was handed over under this name.", hint="Reject it.")
        sets, given = self._sets(item), self._given(item)
        found = claims.conflict(self._history, sets, item.ask, given)
        if found is not None:
            raise refusals.differencing(found, given.pack)
        votes = [*item.votes, vote_of(checker, "approve", reason)]
        if len(votes) < self._policies.of(item.project).needed("protected_code"):
            self._write(item, checker, "pending", votes, None)
            return None
        record = self._release(item, item.content, votes, claims.remembering(sets, item.ask, given))
        self._write(item, checker, "approved", votes, record.id)
        return record

    def reject(self, object_id: str, checker: Person, reason: str) -> None:
        """Close an object without a release: one checker is enough. The reason is for the researcher."""
        with self._deciding:
            item = self._to_decide(object_id, checker)
            self._write(item, checker, "rejected", [*item.votes, vote_of(checker, "reject", reason)], None)

    def check_room(self, project: str) -> None:
        """Refuse more work for checkers of a project who have enough."""
        waiting = sum(item.project == project for item in self.pending())
        if waiting >= MAX_WAITING:
            raise Conflict(
                f"{waiting} objects of this project wait for a checker already.",
                hint="kg.protected_objects() lists them. Ask the checkers to decide on some.",
            )

    def queue(self, checker: Person) -> list[Waiting]:
        """What waits for this checker's vote."""
        return [w for w in self.pending() if self._may_see(w, checker) and self._is_new_to(w, checker)]

    def shown(self, object_id: str, checker: Person) -> Waiting:
        """One object for a checker; for anybody else it does not exist."""
        item = self.get(object_id)
        if not self._may_see(item, checker):
            raise NotFound("There is no such object.")
        return item

    def _to_decide(self, object_id: str, checker: Person) -> Waiting:
        item = self.shown(object_id, checker)
        if checker.user == item.author:
            raise Forbidden("The author of code does not check what it released.", hint="Another checker must.")
        if item.state != "pending":
            raise Conflict(f"This object is {item.state} already.", details={"state": item.state})
        if not self._is_new_to(item, checker):
            raise Conflict("You have voted on this object.", hint="It waits for another checker.")
        return item

    @staticmethod
    def _may_see(item: Waiting, person: Person) -> bool:
        return person.signed_in and Role.CHECKER in person.roles_in(item.project)

    @staticmethod
    def _is_new_to(item: Waiting, checker: Person) -> bool:
        return checker.user != item.author and checker.user not in {vote["by"] for vote in item.votes}

    def _sets(self, item: Waiting) -> claims.Sets:
        with self._store.read() as tx:
            return claims.kept(tx, item.id)

    def _given(self, item: Waiting) -> claims.Given:
        dataset = self._registry.get(item.study)
        return claims.Given(dataset.study, item.project, item.author, dataset.policy.rules(item.project))

    def _release(self, item: Waiting, content: dict[str, Any], votes: list[Vote], also: Write) -> ReleaseRecord:
        author = Grant(
            item.grant_id, item.author, item.project, Role.RESEARCHER, (item.study,), item.purpose, utc_now()
        )
        question, free = digest({"protected_object": item.id}), Budget.of(0)
        reservation = self._ledger.reserve(uuid.uuid4().hex, author, item.study, free, question, item.data_version)
        if isinstance(reservation, Replay):
            return reservation.release
        about = {
            "created": to_text(utc_now()),
            "study": item.study,
            "data_version": item.data_version,
            "project": item.project,
            "purpose": item.purpose,
            "synthetic": self._registry.get(item.study).study.synthetic,
        }
        words = f"{item.name}: {protected_in_words(item.ask)}"
        masked = item.evidence["claimed_rows_below_threshold"] if item.evidence["claimed_patients"] else None
        result = reviewed_result(content, [vote["by"] for vote in votes], None if masked is None else len(masked))
        record = record_of(sign(statement(item.ask, question, free, result, about, words), self._key), item.author)
        self._ledger.mark_touched(reservation)
        details = {"purpose": item.purpose, "words": words, "route": "protected", "object": item.id}
        event = AuditEvent(
            "release.made", item.author, project=item.project, study=item.study, subject=record.id, details=details
        )
        self._ledger.commit(reservation, record, event, also)
        return record

    def _write(self, item: Waiting, checker: Person, state: str, votes: list[Vote], release: str | None) -> None:
        """A vote and what came of it, unless somebody voted meanwhile."""
        reason = votes[-1]["reason"]
        values: dict[str, Any] = {"state": state, "votes": canonical_json(votes).decode()}
        if state != "pending":
            values |= {"decided": to_text(utc_now()), "reason": reason, "release_id": release}
        event = AuditEvent(
            "protected.voted" if state == "pending" else f"protected.{state}", checker.user, project=item.project,
            study=item.study, subject=item.id, details={"name": item.name, **votes[-1], "release": release},
        )  # fmt: skip
        unchanged = (
            protected_objects.c.id == item.id,
            protected_objects.c.votes == canonical_json(item.votes).decode(),
        )
        with self._store.write() as tx:
            if tx.execute(protected_objects.update().where(*unchanged).values(values)).rowcount != 1:
                raise Conflict("Another checker has voted meanwhile.", hint="Look again.")
            self._audit.append(tx, event)

    def _find(self, *where: Any) -> list[Waiting]:
        runs, objects = protected_runs, protected_objects
        query = (
            objects.join(runs, objects.c.run_id == runs.c.id)
            .select()
            .where(*where)
            .order_by(runs.c.created, runs.c.id, objects.c.position)
            .with_only_columns(*[c.label(f"object_{c.name}") for c in objects.c], *runs.c)
        )
        with self._store.read() as tx:
            return [waiting_from(row) for row in tx.execute(query).mappings().all()]
