"""The life of a request, as data: which action is possible in which state, where it leads, whose move it is.

- What is not in `TRANSITIONS` is impossible, whoever asks. Who may do what is possible is in `permissions.py`.
- An action that leads to the state it came from (a vote, a comment, a look) is in the table too.
- The diagram in `docs/review.md` is made from these tables; a test fails when it is stale.
"""

from __future__ import annotations

import enum


class State(enum.StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class Action(enum.StrEnum):
    EDIT = "edit"
    SUBMIT = "submit"
    VOTE = "vote"
    RETURN = "return"
    APPROVE = "approve"
    REJECT = "reject"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    COMMENT = "comment"
    VIEW = "view"
    DOWNLOAD = "download"


class Owner(enum.StrEnum):
    """Whose move it is."""

    AUTHORS = "authors"
    CHECKERS = "checkers"
    NOBODY = "nobody"


OWNERS: dict[State, Owner] = {
    State.DRAFT: Owner.AUTHORS,
    State.SUBMITTED: Owner.CHECKERS,
    State.IN_REVIEW: Owner.CHECKERS,
    State.APPROVED: Owner.CHECKERS,
    State.RETURNED: Owner.AUTHORS,
    State.REJECTED: Owner.NOBODY,
    State.RELEASED: Owner.NOBODY,
    State.WITHDRAWN: Owner.NOBODY,
}
OPEN = frozenset(state for state, owner in OWNERS.items() if owner is not Owner.NOBODY)
WITH_CHECKERS = frozenset(state for state, owner in OWNERS.items() if owner is Owner.CHECKERS)

_MOVES: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.EDIT): State.DRAFT,
    (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Action.VOTE): State.IN_REVIEW,
    (State.SUBMITTED, Action.RETURN): State.RETURNED,
    (State.SUBMITTED, Action.APPROVE): State.APPROVED,
    (State.IN_REVIEW, Action.VOTE): State.IN_REVIEW,
    (State.IN_REVIEW, Action.RETURN): State.RETURNED,
    (State.IN_REVIEW, Action.APPROVE): State.APPROVED,
    (State.IN_REVIEW, Action.REJECT): State.REJECTED,
    (State.APPROVED, Action.RETURN): State.RETURNED,
    (State.APPROVED, Action.RELEASE): State.RELEASED,
    (State.RETURNED, Action.EDIT): State.RETURNED,
    (State.RETURNED, Action.SUBMIT): State.SUBMITTED,
    (State.RELEASED, Action.DOWNLOAD): State.RELEASED,
}
TRANSITIONS: dict[tuple[State, Action], State] = {
    **_MOVES,
    **{(state, Action.WITHDRAW): State.WITHDRAWN for state in OPEN},
    **{(state, Action.EXPIRE): State.WITHDRAWN for state in OPEN},
    **{(state, Action.COMMENT): state for state in OPEN},
    **{(state, Action.VIEW): state for state in State},
}
