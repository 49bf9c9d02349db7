"""Objects that protected code handed over: sealed in the vault until a checker has decided.

For the review zone: `pending()` lists, `get()` shows with evidence, `approve()` makes a signed release, `reject()`
closes. The researcher sees names and states (`of_project`), never more, until an object is approved.

- A run is written with all its objects and its audit row in one transaction, or not at all. Every name that the
  code's text declares has a row, whether anything was handed over under it or not.
- The checker has the role, a grant for the study, and is not the author. What nothing was handed over for can only be
  rejected.
- An approved object is an exact release of cost 0 under the run's project: it passes through the ledger and the audit
  log as every release does. Killed between the ledger and the row, `approve` may be called again.
"""

from __future__ import annotations

import json
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import Forbidden, NotFound, PlanError
from kernel_guard.plan.codec import canonical_json, decode, digest, encode
from kernel_guard.plan.privacy import Budget
from kernel_guard.plan.protected import ProtectedAsk, protected_in_words
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.identity import Grant, Role
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store import Row, Store
from kernel_guard.trust.store.tables import protected_objects, protected_runs
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.vault.catalogue.registry import Registry
from kernel_guard.vault.ledger import Ledger, ReleaseRecord, Replay
from kernel_guard.vault.runner.parcel import Handed
from kernel_guard.vault.runner.statements import content_of, record_of, reviewed_result, statement
from kernel_guard.vault.seal import sign


@dataclass(frozen=True)
class Waiting:
    """One object with all that a checker needs; `content` is None where nothing was handed over."""

    id: str
    run: str
    name: str
    study: str
    project: str
    author: str
    grant_id: str
    purpose: str
    data_version: str
    created: str
    ask: ProtectedAsk
    content: dict[str, Any] | None
    evidence: dict[str, Any]
    state: str
    reason: str | None
    release_id: str | None


class Pending:
    """The sealed objects of one vault."""

    def __init__(self, store: Store, audit: AuditLog, ledger: Ledger, registry: Registry, key: SigningKey) -> None:
        self._store, self._audit, self._ledger, self._registry, self._key = store, audit, ledger, registry, key

    def keep(
        self,
        grant: Grant,
        ask: ProtectedAsk,
        data_version: str,
        handed: dict[str, Handed | None],
        facts: dict[str, Any],
        patients: int,
    ) -> str:
        """Seal what a run handed over; gives its id. `facts` are about the question, `patients` about the rows."""
        run = secrets.token_hex(16)
        event = AuditEvent(
            "protected.sealed", grant.user, project=grant.project, study=ask.study, subject=run, details=facts
        )
        with self._store.write() as tx:
            seq = self._audit.append(tx, event)
            tx.execute(protected_runs.insert().values(**_run_row(run, grant, ask, data_version), audit_seq=seq))
            for position, (name, item) in enumerate(handed.items()):
                evidence = {**facts, "patients": patients, **_evidence(item, facts["threshold"])}
                tx.execute(protected_objects.insert().values(**_object_row(run, position, name, item, evidence)))
        return run

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
            for w in found
        ]  # fmt: skip

    def approve(self, object_id: str, checker: Grant, reason: str = "") -> ReleaseRecord:
        """Release an object; answers the release."""
        item = self._to_decide(object_id, checker)
        if item.content is None:
            raise PlanError("Nothing was handed over under this name.", hint="Reject it.")
        record = self._release(item, item.content, checker)
        self._decide(item, checker, "approved", reason, record.id)
        return record

    def reject(self, object_id: str, checker: Grant, reason: str) -> None:
        """Close an object without a release; the reason is for the researcher."""
        self._decide(self._to_decide(object_id, checker), checker, "rejected", reason, None)

    def _to_decide(self, object_id: str, checker: Grant) -> Waiting:
        checker.check_role(Role.CHECKER)
        item = self.get(object_id)
        checker.check_study(item.study)
        if checker.user == item.author:
            raise Forbidden("The author of code does not check what it released.", hint="Another checker must.")
        if item.state != "pending":
            raise PlanError(f"This object is {item.state} already.")
        return item

    def _release(self, item: Waiting, content: dict[str, Any], checker: Grant) -> ReleaseRecord:
        author = Grant(
            item.grant_id, item.author, item.project, Role.RESEARCHER, (item.study,), item.purpose, utc_now()
        )
        question, free = digest({"protected_object": item.id}), Budget.of(0)
        reservation = self._ledger.reserve(uuid.uuid4().hex, author, item.study, free, question, item.data_version)
        if isinstance(reservation, Replay):
            return reservation.release
        about = {
            "study": item.study,
            "data_version": item.data_version,
            "project": item.project,
            "purpose": item.purpose,
            "synthetic": self._registry.get(item.study).study.synthetic,
        }
        words = f"{item.name}: {protected_in_words(item.ask)}"
        result = reviewed_result(content, checker.user)
        record = record_of(sign(statement(item.ask, question, free, result, about, words), self._key), item.author)
        self._ledger.mark_touched(reservation)
        details = {"purpose": item.purpose, "words": words, "route": "protected", "object": item.id}
        event = AuditEvent(
            "release.made", item.author, project=item.project, study=item.study, subject=record.id, details=details
        )
        self._ledger.commit(reservation, record, event)
        return record

    def _decide(self, item: Waiting, checker: Grant, state: str, reason: str, release: str | None) -> None:
        values = {"state": state, "decided": to_text(utc_now()), "decided_by": checker.user, "reason": reason[:500]}
        event = AuditEvent(
            f"protected.{state}", checker.user, project=item.project, study=item.study, subject=item.id,
            details={"name": item.name, "reason": reason[:500], "release": release},
        )  # fmt: skip
        still = (protected_objects.c.id == item.id, protected_objects.c.state == "pending")
        with self._store.write() as tx:
            if tx.execute(protected_objects.update().where(*still).values(**values, release_id=release)).rowcount != 1:
                raise PlanError("Another checker has decided on this object already.")
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
            return [_waiting(row) for row in tx.execute(query).mappings().all()]


def _run_row(run: str, grant: Grant, ask: ProtectedAsk, data_version: str) -> dict[str, Any]:
    return {
        "id": run,
        "grant_id": grant.id,
        "study": ask.study,
        "project": grant.project,
        "user": grant.user,
        "purpose": grant.purpose,
        "data_version": data_version,
        "ask": canonical_json(encode(ask)).decode(),
        "created": to_text(utc_now()),
    }


def _object_row(run: str, position: int, name: str, item: Handed | None, evidence: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(16),
        "run_id": run,
        "position": position,
        "name": name,
        "content": canonical_json(content_of(item)).decode() if item else None,
        "evidence": canonical_json(evidence).decode(),
        "state": "pending",
    }


def _evidence(item: Handed | None, threshold: int) -> dict[str, Any]:
    """What the vault can say of an object. Patients behind rows are the code's claim, and marked so."""
    if item is None:
        return {"handed_over": False}
    small = [i for i, n in enumerate(item.claimed or ()) if n < threshold]
    return {
        "handed_over": True,
        "kind": item.kind,
        "cells": sum(value is not None for row in item.rows for value in row),
        "texts_dropped": item.texts_dropped,
        "claimed_patients": list(item.claimed) if item.claimed is not None else None,
        "claimed_rows_below_threshold": small,
    }


def _waiting(row: Row) -> Waiting:
    return Waiting(
        id=row["object_id"],
        run=row["id"],
        name=row["object_name"],
        study=row["study"],
        project=row["project"],
        author=row["user"],
        grant_id=row["grant_id"],
        purpose=row["purpose"],
        data_version=row["data_version"],
        created=row["created"],
        ask=decode(ProtectedAsk, json.loads(row["ask"])),
        content=json.loads(row["object_content"]) if row["object_content"] else None,
        evidence=json.loads(row["object_evidence"]),
        state=row["object_state"],
        reason=row["object_reason"],
        release_id=row["object_release_id"],
    )
