"""A request and what was said about it, as values; and how they lie in the tables.

- Queries only: what may happen is decided in `workflow.py`.
- `save` takes the audit event of the change: a state cannot be written without it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import NotFound
from kernel_guard.plan.codec import canonical_json
from kernel_guard.review.content import Content
from kernel_guard.review.states import State
from kernel_guard.review.votes import Vote
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.store import Row, Transaction, next_id
from kernel_guard.trust.store.review_tables import (
    review_authors,
    review_comments,
    review_history,
    review_requests,
    review_versions,
    review_votes,
)


@dataclass(frozen=True)
class Request:
    """A request as it is now. `content` is the working copy; what checkers see is the version that was submitted."""

    id: str
    number: int
    title: str
    project: str
    study: str
    state: State
    creator: str
    authors: tuple[str, ...]
    content: Content
    version: int
    revision: int
    since: int
    risk: int
    checkers: int
    created: str
    submitted: str
    expires: str
    changed: str


@dataclass(frozen=True)
class Version:
    """What was submitted, for good: content, assessment and the digest of both."""

    request: str
    version: int
    submitted: str
    by: str
    digest: str
    content: Content
    assessment: Mapping[str, Any]


@dataclass(frozen=True)
class Deed:
    """One entry of a request's history."""

    request: str
    time: str
    by: str
    action: str
    state: State
    version: int
    reason: str
    key: str


@dataclass(frozen=True)
class Comment:
    """Something said; `visibility` is public or checkers."""

    id: int
    request: str
    by: str
    role: str
    time: str
    text: str
    visibility: str
    item: str


def load(tx: Transaction, request_id: str) -> Request:
    """The request, or `NotFound`."""
    row = tx.execute(review_requests.select().where(review_requests.c.id == request_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such request for you.", hint="Your role or project may have ended.")
    return from_row(tx, row)


def from_row(tx: Transaction, row: Row) -> Request:
    return _request(row, authors_of(tx, [row["id"]]).get(row["id"], ()))


def from_rows(tx: Transaction, rows: Iterable[Row]) -> list[Request]:
    """A page of requests, with one query for all their authors."""
    found = list(rows)
    authors = authors_of(tx, [row["id"] for row in found])
    return [_request(row, authors.get(row["id"], ())) for row in found]


def authors_of(tx: Transaction, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Request id → its authors."""
    names = review_authors.select().where(review_authors.c.request.in_(list(ids))).order_by(review_authors.c.user)
    return {k: tuple(r["user"] for r in rows) for k, rows in _by_request(tx, names).items()}


def _by_request(tx: Transaction, query: Any) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in tx.execute(query).mappings():
        found.setdefault(row["request"], []).append(row)
    return found


def _request(row: Row, authors: tuple[str, ...]) -> Request:
    values = {name: row[name] for name in review_requests.c.keys() if name not in ("content", "state")}
    return Request(
        **values,
        state=State(row["state"]),
        content=Content.from_json(json.loads(row["content"])),
        authors=authors,
    )


def save(tx: Transaction, audit: AuditLog, request: Request, event: AuditEvent, *, new: bool = False) -> None:
    """Write a request's new state, its authors and the audit row of the change."""
    values = {**vars(request), "state": request.state.value}
    values["content"] = canonical_json(request.content.to_json()).decode()
    authors = values.pop("authors")
    if new:
        tx.execute(review_requests.insert().values(values))
    else:
        tx.execute(review_requests.update().where(review_requests.c.id == request.id).values(values))
    known = review_authors.select().where(review_authors.c.request == request.id)
    held = {row["user"] for row in tx.execute(known).mappings()}
    for user in sorted(set(authors) - held):
        tx.execute(review_authors.insert().values(user=user, request=request.id))
    audit.append(tx, event)


def new_number(tx: Transaction) -> int:
    return next_id(tx, review_requests, "number")


def note(tx: Transaction, deed: Deed) -> None:
    """Add to the history; the same (person, key) twice is refused by the database."""
    tx.execute(
        review_history.insert().values({**vars(deed), "state": deed.state.value, "id": next_id(tx, review_history)})
    )


def deed_of_key(tx: Transaction, by: str, key: str) -> Deed | None:
    """What this person did under this key already."""
    query = review_history.select().where(review_history.c.by == by, review_history.c.key == key)
    row = tx.execute(query).mappings().one_or_none()
    return _deed(row) if row is not None else None


def history(tx: Transaction, request_id: str) -> list[Deed]:
    query = review_history.select().where(review_history.c.request == request_id).order_by(review_history.c.id)
    return [_deed(row) for row in tx.execute(query).mappings()]


def add_version(tx: Transaction, version: Version) -> None:
    values = {**vars(version)}
    values["content"] = canonical_json(version.content.to_json()).decode()
    values["assessment"] = canonical_json(dict(version.assessment)).decode()
    tx.execute(review_versions.insert().values(values))


def version_digest(content: Content, assessment: Mapping[str, Any]) -> str:
    """What a version's name stands for: content and assessment, byte for byte."""
    return hashlib.sha256(canonical_json({"content": content.to_json(), "assessment": dict(assessment)})).hexdigest()


def versions(tx: Transaction, request_id: str) -> list[Version]:
    query = review_versions.select().where(review_versions.c.request == request_id).order_by(review_versions.c.version)
    return [
        Version(
            **{k: row[k] for k in ("request", "version", "submitted", "by", "digest")},
            content=Content.from_json(json.loads(row["content"])),
            assessment=json.loads(row["assessment"]),
        )
        for row in tx.execute(query).mappings()
    ]


def judged_of(tx: Transaction, requests: Iterable[Request]) -> dict[str, Mapping[str, Any]]:
    """Request id → the assessment of its present version, for a page of requests."""
    present = {r.id: r.version for r in requests}
    c = review_versions.c
    query = review_versions.select().with_only_columns(c.request, c.version, c.assessment)
    rows = tx.execute(query.where(c.request.in_(list(present)))).mappings()
    return {r["request"]: json.loads(r["assessment"]) for r in rows if present[r["request"]] == r["version"]}


def votes_of(tx: Transaction, ids: Iterable[str]) -> dict[str, list[Vote]]:
    """Request id → its votes, oldest first, for a page of requests."""
    query = review_votes.select().where(review_votes.c.request.in_(list(ids))).order_by(review_votes.c.id)
    return {k: [_vote(row) for row in rows] for k, rows in _by_request(tx, query).items()}


def add_vote(tx: Transaction, request_id: str, vote: Vote) -> None:
    values = {k: v for k, v in vars(vote).items() if k != "kept"}
    tx.execute(review_votes.insert().values(**values, request=request_id, id=next_id(tx, review_votes)))


def votes(tx: Transaction, request_id: str) -> list[Vote]:
    """Every vote of a request, oldest first."""
    query = review_votes.select().where(review_votes.c.request == request_id).order_by(review_votes.c.id)
    return [_vote(row) for row in tx.execute(query).mappings()]


def _vote(row: Row) -> Vote:
    return Vote(**{n: row[n] for n in ("item", "by", "vote", "reason", "phase", "time", "digest", "version")})


def add_comment(tx: Transaction, comment: Comment) -> None:
    tx.execute(review_comments.insert().values({**vars(comment), "id": next_id(tx, review_comments)}))


def comments(tx: Transaction, request_id: str) -> list[Comment]:
    query = review_comments.select().where(review_comments.c.request == request_id).order_by(review_comments.c.id)
    return [Comment(**{k: row[k] for k in review_comments.c.keys()}) for row in tx.execute(query).mappings()]


def _deed(row: Row) -> Deed:
    values = {k: row[k] for k in ("request", "time", "by", "action", "version", "reason", "key")}
    return Deed(**values, state=State(row["state"]))
