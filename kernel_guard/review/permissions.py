"""Who may do what with a request.

- A person's standing in a request comes from the rights that hold now and from what they did: whoever wrote or changed
  an item is an author, and an author is no checker of that request, whatever roles they hold.
- Decisions need a person who signed in. A grant's token, which a kernel's relay holds, can ask and submit, never vote.
- `check_x()` raises and says why; `can_x()` answers by calling it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from kernel_guard.errors import Conflict, Forbidden, KernelGuardError, NotFound
from kernel_guard.review.states import TRANSITIONS, Action, State
from kernel_guard.trust.people import Person, Role


class Standing(enum.StrEnum):
    """What a person is to one request."""

    AUTHOR = "author"
    RESEARCHER = "researcher"
    CHECKER = "checker"
    STEWARD = "steward"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


_EVERY_READER = frozenset(
    {Standing.AUTHOR, Standing.RESEARCHER, Standing.CHECKER, Standing.STEWARD, Standing.AUDITOR, Standing.SYSTEM}
)
_WRITERS = frozenset({Standing.AUTHOR, Standing.RESEARCHER})
_DECIDERS = frozenset({Standing.CHECKER})
WHO: dict[Action, frozenset[Standing]] = {
    Action.EDIT: _WRITERS,
    Action.SUBMIT: _WRITERS,
    Action.WITHDRAW: frozenset({Standing.AUTHOR}),
    Action.VOTE: _DECIDERS,
    Action.RETURN: _DECIDERS,
    Action.APPROVE: _DECIDERS | {Standing.SYSTEM},
    Action.REJECT: _DECIDERS,
    Action.RELEASE: _DECIDERS | {Standing.SYSTEM},
    Action.EXPIRE: frozenset({Standing.SYSTEM}),
    Action.COMMENT: _WRITERS | _DECIDERS,
    Action.VIEW: _EVERY_READER,
    Action.DOWNLOAD: _WRITERS | _DECIDERS | {Standing.STEWARD},
}
# Where a state narrows an action further.
NARROWER: dict[tuple[State, Action], frozenset[Standing]] = {
    (State.DRAFT, Action.VIEW): _WRITERS | {Standing.SYSTEM},
    (State.DRAFT, Action.COMMENT): _WRITERS,
    # Approved without a vote: only what policy calls automatic, and only by the vault itself.
    (State.SUBMITTED, Action.APPROVE): frozenset({Standing.SYSTEM}),
}
SIGNED_IN_ONLY = frozenset({Action.VOTE, Action.RETURN, Action.APPROVE, Action.REJECT, Action.RELEASE})
SYSTEM_USER = "vault"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts on requests: a person with the rights of this moment, or the vault itself."""

    user: str
    person: Person | None = None

    @property
    def signed_in(self) -> bool:
        return self.person is None or self.person.signed_in


SYSTEM = Actor(SYSTEM_USER)


def standings(actor: Actor, project: str, authors: Iterable[str]) -> frozenset[Standing]:
    """What `actor` is to a request of `project` with these authors."""
    if actor.person is None:
        return frozenset({Standing.SYSTEM})
    found = {Standing(role.value) for role in actor.person.roles_in(project)}
    if actor.user in authors:
        found.discard(Standing.CHECKER)
        if Standing.RESEARCHER in found:
            found.add(Standing.AUTHOR)
    return frozenset(found)


def allowed(state: State, action: Action) -> frozenset[Standing]:
    """The standings that may do `action` in `state`; nobody where it is impossible."""
    if (state, action) not in TRANSITIONS:
        return frozenset()
    return NARROWER.get((state, action), WHO[action])


def check_possible(state: State, action: Action) -> None:
    """Raise `Conflict` where the state does not allow the action, whoever asks."""
    if (state, action) not in TRANSITIONS:
        raise Conflict(
            f"{_STANDS[state]} {_WHEN[action]}",
            hint="Read it again: somebody may have moved it meanwhile.",
            details={"state": state.value},
        )


def check_action(actor: Actor, state: State, action: Action, project: str, authors: Iterable[str]) -> None:
    """Raise unless `actor` may do `action` now: `NotFound` for who may not even see it, so that ids tell nothing."""
    held = standings(actor, project, authors)
    if not held & allowed(state, Action.VIEW):
        raise NotFound("There is no such request for you.", hint="Your role or project may have ended.")
    check_possible(state, action)
    if not held & allowed(state, action):
        raise Forbidden(_why(held, state, action), hint="Ask somebody who holds that role in this project.")
    if action in SIGNED_IN_ONLY and not actor.signed_in:
        raise Forbidden(_SIGN_IN, hint="Sign in under your own name first.")


def can_action(actor: Actor, state: State, action: Action, project: str, authors: Iterable[str]) -> bool:
    """Whether `check_action` lets it pass."""
    try:
        check_action(actor, state, action, project, authors)
    except KernelGuardError:
        return False
    return True


def why_not(actor: Actor, state: State, action: Action, project: str, authors: Iterable[str]) -> str:
    """Why this person may not do `action` now, in words for them; empty when they may. Who they are comes first."""
    held = standings(actor, project, authors)
    if not held & WHO[action]:
        return _why(held, state, action)
    if action in SIGNED_IN_ONLY and not actor.signed_in:
        return _SIGN_IN
    if not held & allowed(state, action):
        return _why(held, state, action) if (state, action) in TRANSITIONS else f"{_STANDS[state]} {_WHEN[action]}"
    return ""


def check_role(person: Person, project: str, *roles: Role) -> None:
    """Raise unless the person holds one of `roles` in the project now."""
    if not set(person.roles_in(project)) & set(roles):
        names = " or ".join(role.value for role in roles)
        raise Forbidden(f"This needs the role {names} in the project.", hint="Ask its data steward.")


def _why(held: frozenset[Standing], state: State, action: Action) -> str:
    if Standing.AUTHOR in held and Standing.CHECKER in WHO[action]:
        return "Who wrote or changed an item does not check the request."
    if held & WHO[action]:
        return f"{_STANDS[state]} {_WHEN[action]}"
    needed = sorted(s.value for s in WHO[action] if s is not Standing.SYSTEM)
    if not needed:
        return "Only the vault itself does this."
    return f"This is for the {' or '.join(needed)} of a request; you are {_named(held)} here."


def _named(held: frozenset[Standing]) -> str:
    return " and ".join(sorted(s.value for s in held)) or "nobody"


_SIGN_IN = "A decision needs a person who signed in."
# Where a request stands, and when an action is possible: the two halves of every "not now".
_STANDS: dict[State, str] = {
    State.DRAFT: "It has not been submitted yet.",
    State.SUBMITTED: "No vote is in yet.",
    State.IN_REVIEW: "It is still being checked.",
    State.APPROVED: "It has been approved.",
    State.RETURNED: "It is with its authors, who were asked for changes.",
    State.REJECTED: "It was rejected for good.",
    State.RELEASED: "It has been released.",
    State.WITHDRAWN: "It was withdrawn.",
}
_WHEN: dict[Action, str] = {
    Action.EDIT: "Its content can be changed only while it is a draft or returned.",
    Action.SUBMIT: "It can be submitted only while it is a draft or returned.",
    Action.VOTE: "Votes count from its submission until it is approved.",
    Action.RETURN: "It can be returned only while it is with the checkers.",
    Action.APPROVE: "It can be approved once every item has its votes.",
    Action.REJECT: "It can be rejected once every item has its votes.",
    Action.RELEASE: "It can be released once it is approved.",
    Action.WITHDRAW: "It can be withdrawn only while it is open.",
    Action.EXPIRE: "Only an open request expires.",
    Action.COMMENT: "Comments end with the request.",
    Action.VIEW: "It can be looked at.",
    Action.DOWNLOAD: "There is something to download once it is released.",
}
