"""The checkers' part of the vault's door for protected code: what waits, one object with its evidence, a vote.

- For signed-in checkers of the project; for everybody else the objects do not exist.
- Votes of others are not shown before the decision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernel_guard.errors import RequestInvalid
from kernel_guard.plan.codec import encode
from kernel_guard.trust.people import Person
from kernel_guard.vault.runner.pending import Pending
from kernel_guard.vault.runner.records import Waiting

QUEUE = "/v1/review/protected"
ONE = "/v1/review/protected/{id}"


def listed(pending: Pending, checker: Person) -> dict[str, Any]:
    """Everything that waits for the checker's vote, without contents."""
    return {"objects": [_head(item) for item in pending.queue(checker)]}


def shown(pending: Pending, checker: Person, name: str) -> dict[str, Any]:
    """One object: code, content and evidence."""
    item = pending.view(name, checker)
    return {**_head(item), "content": item.content, "evidence": item.evidence, "ask": encode(item.ask)}


def voted(pending: Pending, checker: Person, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """A vote, and the object's state after it."""
    vote, reason = body.get("vote"), body.get("reason", "")
    if vote not in _VOTES or not isinstance(reason, str) or set(body) - {"vote", "reason"}:
        raise RequestInvalid('A vote is {"vote": "approve" or "reject", "reason": "…"}.')
    if vote == "reject" and not reason.strip():
        raise RequestInvalid("A rejection needs a reason.", hint="The researcher reads it.")
    _VOTES[vote](pending, name, checker, reason)
    return _head(pending.shown(name, checker))


_VOTES: dict[object, Callable[[Pending, str, Person, str], object]] = {
    "approve": Pending.approve,
    "reject": Pending.reject,
}


def _head(item: Waiting) -> dict[str, Any]:
    return {
        "id": item.id,
        "run": item.run,
        "name": item.name,
        "study": item.study,
        "project": item.project,
        "author": item.author,
        "purpose": item.purpose,
        "created": item.created,
        "state": item.state,
        "votes_in": len(item.votes),
        "votes": item.votes if item.state != "pending" else [],
        "release": item.release_id,
    }
