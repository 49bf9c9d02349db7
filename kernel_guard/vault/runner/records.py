"""What is kept of protected code for checkers: plain values, and how they lie in the tables."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel_guard.plan.codec import canonical_json, decode, encode
from kernel_guard.plan.protected import ProtectedAsk
from kernel_guard.trust.identity import Grant
from kernel_guard.trust.people import Person
from kernel_guard.trust.store import Row
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.vault.disclosure.differencing.compare import Conflict
from kernel_guard.vault.runner.claims import Ruled
from kernel_guard.vault.runner.parcel import Handed
from kernel_guard.vault.runner.statements import content_of

Vote = dict[str, str]


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
    votes: list[Vote]
    reason: str | None
    release_id: str | None


def vote_of(checker: Person, vote: str, reason: str) -> Vote:
    return {"by": checker.user, "vote": vote, "reason": reason[:500], "time": to_text(utc_now())}


def run_row(run: str, grant: Grant, ask: ProtectedAsk, data_version: str, began: datetime) -> dict[str, Any]:
    return {
        "id": run,
        "grant_id": grant.id,
        "study": ask.study,
        "project": grant.project,
        "user": grant.user,
        "purpose": grant.purpose,
        "data_version": data_version,
        "ask": canonical_json(encode(ask)).decode(),
        "created": to_text(began),
    }


def object_row(run: str, position: int, name: str, item: Handed | None, evidence: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(16),
        "run_id": run,
        "position": position,
        "name": name,
        "content": canonical_json(content_of(item)).decode() if item else None,
        "evidence": canonical_json(evidence).decode(),
        "state": "pending",
        "votes": "[]",
    }


def evidence_of(ruled: Ruled | None) -> dict[str, Any]:
    """What the vault can say of an object. Patients behind rows are the code's claim, and marked so."""
    if ruled is None:
        return {"handed_over": False}
    item = ruled.handed
    return {
        "handed_over": True,
        "kind": item.kind,
        "cells": sum(value is not None for row in item.rows for value in row),
        "texts_dropped": item.texts_dropped,
        "claimed_patients": list(ruled.counts) if ruled.counts is not None else None,
        "claimed_rows_below_threshold": list(ruled.masked),
    }


def compared(item: Waiting, found: Conflict | None) -> dict[str, str]:
    """The verdict of a comparison with earlier releases, in a word."""
    if item.evidence.get("claimed_patients") is None:
        return {"verdict": "not compared", "detail": "the code names nobody behind its rows"}
    if found is None:
        return {"verdict": "safe"}
    return {"verdict": found.verdict.value, "release": found.release}


def waiting_from(row: Row) -> Waiting:
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
        votes=json.loads(row["object_votes"]),
        reason=row["object_reason"],
        release_id=row["object_release_id"],
    )
