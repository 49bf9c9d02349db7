"""What a page gives beside the content: reasons and ballots, read into plain values or refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernel_guard.errors import RequestInvalid
from kernel_guard.review import votes
from kernel_guard.review.assess import Assessment

MAX_REASON = 4_000


def reason_of(text: Any, *, needed: bool = False) -> str:
    if not isinstance(text, str) or len(text) > MAX_REASON or (needed and not text.strip()):
        raise RequestInvalid("A reason is needed: what should the authors do?" if needed else "The reason is no text.")
    return text.strip()


def title_of(text: Any) -> str:
    if not isinstance(text, str) or len(text) > 200 or not text.isprintable():
        raise RequestInvalid("A title is one line of at most 200 characters.")
    return text.strip() or "Untitled request"


def ballot_of(value: Any) -> tuple[str, str, str]:
    if not isinstance(value, Mapping) or not isinstance(value.get("item"), str):
        raise RequestInvalid("A vote names its item.")
    verdict = value.get("vote")
    if verdict not in votes.VERDICTS:
        raise RequestInvalid(f"A vote is one of: {', '.join(votes.VERDICTS)}.")
    return value["item"], str(verdict), reason_of(value.get("reason", ""), needed=verdict == votes.REQUEST_CHANGES)


def study_of(assessment: Assessment) -> str:
    found = sorted({str(j.evidence.get("study", "")) for j in assessment.items.values()} - {""})
    return found[0] if found else ""
