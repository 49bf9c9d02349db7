"""Who gets in, for how long, and with what rights."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel_guard.errors import ConfigError, Forbidden, Unauthenticated
from kernel_guard.review.permissions import Actor
from kernel_guard.trust.people import Role
from kernel_guard.trust.store.review_tables import people, sessions
from kernel_guard.trust.store.tables import audit_log
from tests.lib.desks import P, Room

PASSWORD = "correct horse battery"


@pytest.fixture
def bea(room: Room) -> str:
    room.accounts.create("bea", "Bea", PASSWORD, by="admin")
    return room.sessions.open(room.accounts.check("bea", PASSWORD), "password")


def give(room: Room, user: str, role: Role, **days: float) -> None:
    room.roles.give(user, P, role, room.clock.moment + timedelta(**days), by="admin")


def test_the_store_holds_no_secret(room: Room, bea: str) -> None:
    with room.store.read() as tx:
        rows = [*tx.execute(people.select()).mappings(), *tx.execute(sessions.select()).mappings()]
        log = [str(dict(r)) for r in tx.execute(audit_log.select()).mappings()]
    everything = str([dict(r) for r in rows]) + "".join(log)
    assert PASSWORD not in everything and bea not in everything and "$argon2id$" in everything


def test_a_role_holds_until_it_ends_or_is_ended(room: Room, bea: str) -> None:
    give(room, "bea", Role.CHECKER, days=1)
    give(room, "bea", Role.AUDITOR, minutes=5)
    assert room.sessions.person(bea).roles_in(P) == {Role.CHECKER, Role.AUDITOR}
    room.clock.turn(minutes=6)
    assert room.sessions.person(bea).roles_in(P) == {Role.CHECKER}
    assert room.roles.end("bea", P, Role.CHECKER, by="admin") == 1
    assert room.sessions.person(bea).rights == ()


def test_a_role_of_every_project_holds_in_each(room: Room, bea: str) -> None:
    room.roles.give("bea", "*", Role.CHECKER, room.clock.moment + timedelta(days=1), by="admin")
    assert room.sessions.person(bea).roles_in("any project") == {Role.CHECKER}


def test_a_session_ends_by_word_by_idling_and_with_the_day(room: Room, bea: str) -> None:
    room.sessions.end(bea)
    with pytest.raises(Unauthenticated):
        room.sessions.person(bea)
    idle = room.sessions.open("bea", "password")
    room.clock.turn(minutes=31)
    with pytest.raises(Unauthenticated):
        room.sessions.person(idle)
    busy = room.sessions.open("bea", "password")
    for _ in range(30):
        room.clock.turn(minutes=20)
        if room.clock.moment and _ < 28:
            room.sessions.person(busy)
    with pytest.raises(Unauthenticated):
        room.sessions.person(busy)


def test_a_disabled_account_ends_what_is_open(room: Room, bea: str) -> None:
    room.accounts.disable("bea", by="admin")
    with pytest.raises(Unauthenticated):
        room.sessions.person(bea)
    with pytest.raises(Unauthenticated):
        room.accounts.check("bea", PASSWORD)


def test_every_session_of_a_person_can_be_ended(room: Room, bea: str) -> None:
    other = room.sessions.open("bea", "password")
    room.sessions.end_all("bea", by="admin")
    for token in (bea, other):
        with pytest.raises(Unauthenticated):
            room.sessions.person(token)


@pytest.mark.parametrize("token", ["", "kgs_", "kgs_" + "x" * 43, "x" * 43, "kgs_\ud800"])
def test_a_token_that_is_none_is_refused(room: Room, token: str) -> None:
    with pytest.raises(Unauthenticated):
        room.sessions.person(token)


def test_guessing_closes_the_door_for_a_while(room: Room, bea: str) -> None:
    for _ in range(5):
        with pytest.raises(Unauthenticated, match="wrong"):
            room.accounts.check("bea", "wrong password!")
    with pytest.raises(Unauthenticated, match="Too many"):
        room.accounts.check("bea", PASSWORD)
    room.clock.turn(minutes=16)
    assert room.accounts.check("bea", PASSWORD) == "bea"


def test_unknown_and_wrong_are_told_apart_by_nothing(room: Room, bea: str) -> None:
    with pytest.raises(Unauthenticated) as unknown:
        room.accounts.check("nobody", PASSWORD)
    with pytest.raises(Unauthenticated) as wrong:
        room.accounts.check("bea", "wrong password!")
    assert unknown.value.public() == wrong.value.public()


def test_a_short_password_and_a_role_in_the_past_are_refused(room: Room) -> None:
    with pytest.raises(ConfigError):
        room.accounts.create("x", "X", "short", by="admin")
    with pytest.raises(ConfigError):
        give(room, "x", Role.CHECKER, days=-1)


def test_a_grants_token_is_its_holder_without_signing_in(room: Room) -> None:
    grant, token = room.grants.issue(
        user="ana", project=P, role="researcher", studies=["s"], purpose="tests",
        expires=room.clock.moment + timedelta(days=1), by="admin",
    )  # fmt: skip
    found = room.sessions.person(token)
    assert not found.signed_in and found.roles_in(P) == {Role.RESEARCHER}
    room.accounts.create("ana", "Ana", PASSWORD, by="admin")
    signed = room.sessions.person(room.sessions.open("ana", "password"))
    assert signed.signed_in and signed.roles_in(P) == {Role.RESEARCHER}
    room.grants.revoke(grant.id, by="admin")
    with pytest.raises(Unauthenticated):
        room.sessions.person(token)
    assert room.roles.of("ana") == ()


def test_a_revoked_grant_stops_a_draft_at_once(room: Room) -> None:
    grant, token = room.grants.issue(
        user="ana", project=P, role="researcher", studies=["s"], purpose="tests",
        expires=room.clock.moment + timedelta(days=1), by="admin",
    )  # fmt: skip
    person = room.sessions.person(token)
    room.draft(Actor("ana", person))
    room.grants.revoke(grant.id, by="admin")
    with pytest.raises((Unauthenticated, Forbidden)):
        room.draft(Actor("ana", room.sessions.person(token)))
