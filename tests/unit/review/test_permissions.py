"""Who may do what in which state: every combination, against a table written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kernel_guard.errors import Conflict, Forbidden, KernelGuardError, NotFound
from kernel_guard.review import diagram
from kernel_guard.review.permissions import SIGNED_IN_ONLY, SYSTEM, Actor, Standing, can_action, check_action, why_not
from kernel_guard.review.permissions import WHO as PERMITTED
from kernel_guard.review.states import OWNERS, TRANSITIONS, Action, Owner, State
from kernel_guard.trust.people import Person, Right, Role

# state: action → who (A author, R other researcher, C checker, S steward, U auditor, M administrator, V the vault)
EXPECTED = {
    "draft": "edit:AR submit:AR withdraw:A expire:V comment:AR view:ARV",
    "submitted": "vote:C return:C approve:V withdraw:A expire:V comment:ARC view:ARCSUV",
    "in_review": "vote:C return:C approve:CV reject:C withdraw:A expire:V comment:ARC view:ARCSUV",
    "approved": "return:C release:CV withdraw:A expire:V comment:ARC view:ARCSUV",
    "returned": "edit:AR submit:AR withdraw:A expire:V comment:ARC view:ARCSUV",
    "rejected": "view:ARCSUV",
    "released": "view:ARCSUV download:ARCS",
    "withdrawn": "view:ARCSUV",
}
LATER = datetime(2099, 1, 1, tzinfo=UTC)


def person(user: str, *roles: Role, signed_in: bool = True, project: str = "p") -> Actor:
    return Actor(user, Person(user, user, tuple(Right(project, r, LATER) for r in roles), signed_in, LATER))


WHO = {
    "A": person("ana", Role.RESEARCHER),
    "R": person("rob", Role.RESEARCHER),
    "C": person("cleo", Role.CHECKER),
    "S": person("sam", Role.STEWARD),
    "U": person("una", Role.AUDITOR),
    "M": person("max", Role.ADMINISTRATOR),
    "V": SYSTEM,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("letter", WHO)
def test_every_state_role_and_action(state: State, action: Action, letter: str) -> None:
    line = dict(entry.split(":") for entry in EXPECTED[state.value].split())
    assert can_action(WHO[letter], state, action, "p", ("ana",)) == (letter in line.get(action.value, ""))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", sorted(SIGNED_IN_ONLY))
def test_no_decision_without_signing_in(state: State, action: Action) -> None:
    assert not can_action(person("cleo", Role.CHECKER, signed_in=False), state, action, "p", ("ana",))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_a_role_of_another_project_is_none(state: State, action: Action) -> None:
    for role in Role:
        with pytest.raises(KernelGuardError) as caught:
            check_action(person("xi", role, project="q"), state, action, "p", ("ana",))
        assert isinstance(caught.value, NotFound)


def test_an_author_who_is_a_checker_too_does_not_check() -> None:
    both = person("ana", Role.RESEARCHER, Role.CHECKER)
    for action in (Action.VOTE, Action.RETURN, Action.APPROVE, Action.REJECT):
        with pytest.raises((Forbidden, Conflict)):
            check_action(both, State.IN_REVIEW, action, "p", ("ana", "bob"))
    assert can_action(both, State.IN_REVIEW, Action.VOTE, "p", ("bob",))


JARGON = ("'", "_", "cannot be changed by")


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("letter", WHO)
def test_why_not_is_said_exactly_where_it_is_not_possible(state: State, action: Action, letter: str) -> None:
    said = why_not(WHO[letter], state, action, "p", ("ana",))
    assert bool(said) != can_action(WHO[letter], state, action, "p", ("ana",)) or (
        # Who may not even see a draft gets no page that could say why.
        state is State.DRAFT and letter not in "ARV"
    )
    assert not any(word in said for word in JARGON)
    if letter == "C" and Standing.CHECKER in PERMITTED[action]:
        assert "you are" not in said, "a checker is never told that a checker is needed"


@pytest.mark.parametrize(
    ("letter", "state", "action", "said"),
    [
        ("C", "in_review", "release", "It is still being checked. It can be released once it is approved."),
        ("C", "submitted", "approve", "No vote is in yet. It can be approved once every item has its votes."),
        ("A", "in_review", "approve", "Who wrote or changed an item does not check the request."),
        ("S", "in_review", "vote", "This is for the checker of a request; you are steward here."),
        ("C", "released", "vote", "It has been released. Votes count from its submission until it is approved."),
    ],
)
def test_the_reason_is_that_persons(letter: str, state: str, action: str, said: str) -> None:
    assert why_not(WHO[letter], State(state), Action(action), "p", ("ana",)) == said


def test_a_grant_is_told_to_sign_in() -> None:
    kernel = person("cleo", Role.CHECKER, signed_in=False)
    assert "signed in" in why_not(kernel, State.IN_REVIEW, Action.VOTE, "p", ("ana",))


def test_every_state_has_an_owner_and_a_way_out() -> None:
    for state, owner in OWNERS.items():
        leaves = {to for (at, _), to in TRANSITIONS.items() if at is state} - {state}
        assert bool(leaves) == (owner is not Owner.NOBODY)


@pytest.mark.parametrize("name", ["diagram", "table"])
def test_the_documentation_shows_these_tables(name: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "review.md").read_text(encoding="utf-8")
    shown = page.partition(f"<!-- made: {name} -->\n")[2].partition("<!-- end -->")[0]
    made = f"```mermaid\n{diagram.mermaid()}\n```\n" if name == "diagram" else f"{diagram.table()}\n"
    assert shown == made
