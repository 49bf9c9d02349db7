"""Counting votes: independent first, blinded until the last is in, then a joint phase.

- An item of a class that needs n checkers is settled by n votes of different people; what policy calls automatic needs
  none. A request's independent phase ends when every item has its votes.
- A checker's latest vote on an item counts. In the joint phase votes are visible and may be changed.
- An approval is kept into a new version only where the item's digest is the same; all else starts again.
- One request for changes among approvals is a dispute: it is settled by talking, not by majority.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.plan.codec import canonical_json

APPROVE, REQUEST_CHANGES = "approve", "request_changes"
VERDICTS = (APPROVE, REQUEST_CHANGES)
INDEPENDENT, JOINT = "independent", "joint"


@dataclass(frozen=True)
class Vote:
    """One checker's verdict on one item of one version."""

    item: str
    by: str
    vote: str
    reason: str
    phase: str
    time: str
    digest: str
    version: int
    kept: bool = False


def latest(votes: Iterable[Vote]) -> dict[tuple[str, str], Vote]:
    """(item, checker) → the vote that counts; `votes` oldest first."""
    return {(v.item, v.by): v for v in votes}


def current(votes: Iterable[Vote], digests: Mapping[str, str], version: int) -> list[Vote]:
    """The votes that count for `version`: its own, and earlier approvals of identical items."""
    found = []
    for vote in votes:
        if vote.version == version:
            found.append(vote)
        elif vote.vote == APPROVE and digests.get(vote.item) == vote.digest:
            found.append(Vote(**{**vars(vote), "kept": True}))
    return found


def votes_in(item: str, votes: Iterable[Vote]) -> int:
    """How many different people have voted on an item."""
    return sum(1 for voted, _ in latest(votes) if voted == item)


def independent_done(needed: Mapping[str, int], votes: list[Vote]) -> bool:
    """Whether every item has the votes of as many people as it needs."""
    return all(votes_in(item, votes) >= number for item, number in needed.items())


def result(item: str, needed: int, votes: Iterable[Vote]) -> str:
    """open, approved, changes or disputed."""
    verdicts = [v.vote for (voted, _), v in latest(votes).items() if voted == item]
    if len(verdicts) < needed:
        return "open"
    if all(v == APPROVE for v in verdicts):
        return "approved"
    return "changes" if all(v == REQUEST_CHANGES for v in verdicts) else "disputed"


def visible(votes: list[Vote], viewer: str, *, checker: bool, phase: str, decided: bool) -> list[Vote]:
    """What `viewer` may see: everything once it is decided; checkers all in the joint phase, before it their own."""
    if decided or (checker and phase == JOINT):
        return votes
    return [v for v in votes if checker and (v.by == viewer or v.kept)]


def waits_for(viewer: str, needed: Mapping[str, int], votes: list[Vote]) -> list[str]:
    """Items that still need a vote and have none of `viewer`."""
    mine = {item for item, by in latest(votes) if by == viewer}
    return [item for item, number in needed.items() if item not in mine and votes_in(item, votes) < number]


def commitment(cast: Iterable[Any], key: str) -> str:
    """What the audit log holds of a blinded vote: it can be checked later, and tells nothing to who lacks the key."""
    return hashlib.sha256(canonical_json([[list(ballot) for ballot in cast], key])).hexdigest()
