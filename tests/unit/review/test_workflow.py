"""A request's ways: what happens, to whom it is told, and what is refused."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from kernel_guard.errors import (
    ConfigError,
    Conflict,
    Forbidden,
    KernelGuardError,
    NotFound,
    PolicyForbids,
    RequestInvalid,
    StoreError,
)
from kernel_guard.review.deeds import Call
from kernel_guard.review.permissions import Actor
from kernel_guard.review.states import State
from kernel_guard.trust.people import Role
from kernel_guard.trust.store.review_tables import review_bundles, review_versions, review_votes
from kernel_guard.trust.store.tables import audit_log
from tests.lib.desks import SEALER, P, Room, key, release, statement, table


def approved(room: Room, ana: Actor, *checkers: Actor):
    request = room.submitted(ana)
    for checker in checkers:
        request = room.vote(checker, request)
    return room.reviews.approve(checkers[0], request.id, "", key(request))


def test_one_checker_is_enough_for_an_exact_release(room: Room, ana: Actor, bea: Actor) -> None:
    request = approved(room, ana, bea)
    assert request.state is State.APPROVED
    released = room.reviews.release(bea, request.id, key(request))
    assert released.state is State.RELEASED
    bundle = room.reading.bundle(ana, request.id)
    assert bundle.name == "p1-1.zip" and bundle.content[:2] == b"PK"


def test_votes_are_blinded_until_the_last_is_in(room: Room, ana: Actor, bea: Actor, carl: Actor) -> None:
    room.policies.set(P, {"checkers": {"sdc": 2}}, by="test")
    request = room.vote(bea, room.submitted(ana), "request_changes")
    seen = room.reading.page(carl, request.id)["items"][0]
    assert seen["votes"] == [] and seen["result"] == "open" and seen["votes_hidden"] == 1
    assert room.reading.page(ana, request.id)["items"][0]["votes"] == []
    assert "bea" not in str(room.reading.page(ana, request.id)["history"])
    with pytest.raises(Conflict, match="not all in"):
        room.reviews.reject(bea, request.id, "no", key(request))
    request = room.vote(carl, request)
    page = room.reading.page(carl, request.id)
    assert page["phase"] == "joint" and {v["by"] for v in page["items"][0]["votes"]} == {"bea", "carl"}
    assert page["items"][0]["result"] == "disputed" and "approve" not in page["actions"]
    with pytest.raises(Conflict, match="not approved"):
        room.reviews.approve(carl, request.id, "", key(request))
    request = room.vote(bea, request)
    assert room.reviews.approve(carl, request.id, "", key(request)).state is State.APPROVED


def test_one_person_is_never_two_checkers(room: Room, ana: Actor, bea: Actor) -> None:
    room.policies.set(P, {"checkers": {"sdc": 2}}, by="test")
    request = room.submitted(ana)
    for _ in range(3):
        request = room.vote(bea, request)
    with pytest.raises(Conflict, match="not all in"):
        room.reviews.approve(bea, request.id, "", key(request))


def test_who_changed_an_item_is_its_author_and_does_not_check(room: Room, ana: Actor) -> None:
    both = room.actor("eve", Role.RESEARCHER, Role.CHECKER)
    request = room.draft(ana)
    item = request.content.items[0]
    changed = {**release(), "id": item.id, "name": "Renamed"}
    request = room.reviews.put_item(both, request.id, "g1", changed, key(request))
    assert request.content.items[0].authors == ("ana", "eve")
    request = room.reviews.submit(ana, request.id, key(request))
    with pytest.raises(Forbidden, match="does not check"):
        room.vote(both, request)


def test_a_draft_is_named_by_its_authors_and_keeps_its_name_with_the_checkers(room: Room, ana: Actor) -> None:
    request = room.draft(ana)
    request = room.reviews.set_title(ana, request.id, "  Table 1, sepsis ", key(request))
    assert request.title == "Table 1, sepsis"
    for wrong in ("two\nlines", "x" * 201, None):
        with pytest.raises(RequestInvalid):
            room.reviews.set_title(ana, request.id, wrong, key(request))
    request = room.reviews.submit(ana, request.id, key(request))
    with pytest.raises(Conflict, match="only while it is a draft"):
        room.reviews.set_title(ana, request.id, "Another", key(request))


def test_who_submits_anothers_draft_does_not_check_it(room: Room, ana: Actor) -> None:
    both = room.actor("eve", Role.RESEARCHER, Role.CHECKER)
    request = room.draft(ana)
    request = room.reviews.submit(both, request.id, key(request))
    with pytest.raises(Forbidden):
        room.vote(both, request)


def test_an_early_return_and_only_what_changed_is_voted_on_again(room: Room, ana: Actor, bea: Actor) -> None:
    request = room.vote(bea, room.submitted(ana, release(), table()))
    request = room.reviews.give_back(bea, request.id, "Round the table.", key(request))
    assert request.state is State.RETURNED
    second = request.content.items[1]
    new = SEALER.sealed({**table([["f", 125], ["m", 115]]), "id": second.id})
    request = room.reviews.put_item(ana, request.id, "g1", new, key(request))
    request = room.reviews.submit(ana, request.id, key(request))
    items = {i["name"]: i for i in room.reading.page(bea, request.id)["items"]}
    assert items["Release r1"]["votes"][0]["kept"] and items["Release r1"]["votes_in"] == 1
    assert items["Table 1"]["votes_in"] == 0
    assert [v["version"] for v in room.reading.page(bea, request.id)["versions"]] == [1, 2]


def test_what_was_released_cannot_be_asked_again(room: Room, ana: Actor, bea: Actor) -> None:
    request = approved(room, ana, bea)
    room.reviews.release(bea, request.id, key(request))
    with pytest.raises(Conflict, match="released already"):
        room.submitted(ana)


def test_an_automatic_class_leaves_by_itself_and_protected_code_never(room: Room, ana: Actor) -> None:
    room.policies.set(P, {"checkers": {"sdc": 0}}, by="test")
    assert room.submitted(ana).state is State.RELEASED
    with pytest.raises(ConfigError, match="always checked"):
        room.policies.set(P, {"checkers": {"protected_code": 0}}, by="test")
    room.witness.given["r2"] = statement("r2", route="protected")
    request = room.submitted(ana, release("r2"))
    assert request.state is State.SUBMITTED and request.checkers == 2


def test_a_finding_takes_an_item_out_of_the_automatic_class(room: Room, ana: Actor) -> None:
    room.policies.set(P, {"checkers": {"derived": 0}}, by="test")
    odd = {**table([["f", 3], ["m", 115]]), "justification": "The count is of wards, not patients, as agreed."}
    request = room.submitted(ana, odd)
    assert request.state is State.SUBMITTED and request.checkers == 1


def test_screen_only_does_not_leave(room: Room, ana: Actor) -> None:
    room.policies.set(P, {"screen_only": ["sdc"]}, by="test")
    with pytest.raises(PolicyForbids, match="cannot leave"):
        room.submitted(ana)


def test_stops_hold_a_submission_until_mended_or_justified(room: Room, ana: Actor) -> None:
    request = room.draft(ana, table([["f", 4], ["m", 115]]))
    with pytest.raises(RequestInvalid) as caught:
        room.reviews.submit(ana, request.id, key(request))
    found = caught.value.details["findings"]
    assert {f["code"] for f in found} == {"unredacted_count", "unrounded_count"}
    assert "4" not in " ".join(f["message"] + f["hint"] for f in found).replace("10", "")


def test_a_colleague_may_justify_an_item_and_becomes_its_author(room: Room, ana: Actor) -> None:
    eve = room.actor("eve", Role.RESEARCHER, Role.CHECKER)
    request = room.draft(ana, table([["f", 4], ["m", 115]]))
    item = request.content.items[0]
    request = room.reviews.justify(eve, request.id, item.id, "These are wards, not patients.", key(request))
    assert request.content.items[0].authors == ("ana", "eve") and request.content.items[0].digest == item.digest
    with pytest.raises(RequestInvalid):
        room.reviews.justify(eve, request.id, item.id, "x" * 4_001, key(request))
    request = room.reviews.submit(ana, request.id, key(request))
    assert request.state is State.SUBMITTED
    with pytest.raises(Forbidden, match="does not check"):
        room.vote(eve, request)


def test_a_request_expires(room: Room, ana: Actor, bea: Actor) -> None:
    request = room.submitted(ana)
    room.clock.turn(days=61)
    with pytest.raises(Conflict, match="expired"):
        room.vote(bea, request)
    assert room.reviews.sweep() == 1
    assert room.reading.page(ana, request.id)["state"] == "withdrawn"
    assert room.notifier.mine("ana")["notifications"][0]["kind"] == "expired"


def test_a_grants_token_asks_and_submits_and_never_decides(room: Room, bea: Actor) -> None:
    kernel = room.actor("ana", Role.RESEARCHER, Role.CHECKER, signed_in=False)
    other = room.actor("finn", Role.RESEARCHER)
    request = room.submitted(other)
    with pytest.raises(Forbidden, match="signed in"):
        room.vote(kernel, request)
    assert room.submitted(kernel, table()).state is State.SUBMITTED


def test_strangers_learn_nothing(room: Room, ana: Actor) -> None:
    request = room.submitted(ana)
    stranger = room.actor("zoe", Role.CHECKER, project="p2")
    with pytest.raises(NotFound) as here:
        room.reading.page(stranger, request.id)
    with pytest.raises(NotFound) as nowhere:
        room.reading.page(stranger, "0" * 32)
    assert here.value.message == nowhere.value.message
    assert room.reading.listed(stranger.person, {"view": "all"})["requests"] == []


def test_comments_among_checkers_stay_among_checkers(room: Room, ana: Actor, bea: Actor, carl: Actor) -> None:
    request = room.submitted(ana)
    room.reviews.comment(bea, request.id, "Is this the whole cohort?", "checkers", "", key())
    room.reviews.comment(bea, request.id, "Please name the years.", "public", "", key())
    assert [c["text"] for c in room.reading.page(ana, request.id)["comments"]] == ["Please name the years."]
    assert len(room.reading.page(carl, request.id)["comments"]) == 2
    kinds = [n["kind"] for n in room.notifier.mine("ana")["notifications"]]
    assert kinds == ["commented"]
    with pytest.raises(RequestInvalid):
        room.reviews.comment(ana, request.id, "psst", "checkers", "", key())


def test_the_same_click_twice_is_one_deed(room: Room, ana: Actor, bea: Actor) -> None:
    request = room.draft(ana)
    call = key(request)
    first = room.reviews.submit(ana, request.id, call)
    assert room.reviews.submit(ana, request.id, call) == first
    with pytest.raises(Conflict, match="something else"):
        room.reviews.withdraw(ana, request.id, "", Call(call.key, first.revision))
    with pytest.raises(RequestInvalid):
        room.reviews.withdraw(ana, request.id, "", Call("not a key!", first.revision))


def test_a_stale_page_decides_nothing(room: Room, ana: Actor, bea: Actor) -> None:
    request = room.submitted(ana)
    voted = room.vote(bea, request)
    with pytest.raises(Conflict, match="changed since"):
        room.reviews.approve(bea, request.id, "", key(request))
    returned = room.reviews.give_back(bea, request.id, "Once more.", key(voted))
    again = room.reviews.submit(ana, request.id, key(returned))
    with pytest.raises(Conflict, match="changed since"):
        room.vote(bea, voted)
    assert again.version == 2


def test_two_checkers_at_the_same_instant_both_count(room: Room, ana: Actor, bea: Actor, carl: Actor) -> None:
    room.policies.set(P, {"checkers": {"sdc": 2}}, by="test")
    request = room.submitted(ana)
    failed: list[KernelGuardError] = []
    gate = threading.Barrier(2)

    def work(checker: Actor) -> None:
        gate.wait()
        try:
            room.vote(checker, request)
        except KernelGuardError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in (bea, carl)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    page = room.reading.page(bea, request.id)
    assert not failed and page["phase"] == "joint" and page["items"][0]["votes_in"] == 2


def test_eight_clicks_of_one_button_release_once(room: Room, ana: Actor, bea: Actor) -> None:
    request = approved(room, ana, bea)
    states: list[str] = []

    def work() -> None:
        try:
            states.append(room.reviews.release(bea, request.id, key(request)).state.value)
        except KernelGuardError:
            states.append("refused")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states.count("released") == 1


def test_versions_and_votes_cannot_be_rewritten(room: Room, ana: Actor, bea: Actor) -> None:
    room.vote(bea, room.submitted(ana))
    for change in (review_versions.update().values(by="x"), review_votes.update().values(vote="approve")):
        with pytest.raises(StoreError), room.store.write() as tx:
            tx.execute(change)
    for change in (review_versions.delete(), review_votes.delete()):
        with pytest.raises(StoreError), room.store.write() as tx:
            tx.execute(change)


def test_every_change_has_its_row_in_the_log(room: Room, ana: Actor, bea: Actor) -> None:
    request = approved(room, ana, bea)
    room.reviews.release(bea, request.id, key(request))
    room.reading.bundle(ana, request.id)
    with room.store.read() as tx:
        rows = tx.execute(audit_log.select().where(audit_log.c.subject == request.id)).mappings().all()
    kinds = [row["kind"] for row in rows]
    assert kinds == [
        "review.created", "review.edited", "review.edited", "review.submitted", "review.voted", "review.approved",
        "review.released", "review.downloaded",
    ]  # fmt: skip
    assert "because" not in "".join(row["details"] for row in rows if row["kind"] == "review.voted")
    assert room.audit.verify_chain().intact


def test_the_code_is_compared_with_what_was_approved(room: Room, ana: Actor, bea: Actor) -> None:
    def code(source: str) -> dict[str, object]:
        return {"kind": "code", "name": "analysis", "content": {"language": "python", "cells": [{"source": source}]}}

    request = room.vote(bea, room.submitted(ana, release(), code("a = 1\nb = 2")))
    room.reviews.approve(bea, request.id, "", key(request))
    again = room.submitted(ana, table(), code("a = 1\nb = 3"))
    items = {i["kind"]: i for i in room.reading.page(bea, again.id)["items"]}
    assert "+b = 3" in items["code"]["evidence"]["code"]["since_approved"]
    assert items["code"]["evidence"]["code"]["approved_request"] == request.number


def test_where_the_log_fails_nothing_leaves(room: Room, ana: Actor, bea: Actor) -> None:
    done = approved(room, ana, bea)
    released = room.reviews.release(bea, done.id, key(done))
    waiting = room.vote(bea, room.submitted(ana, table()))
    waiting = room.reviews.approve(bea, waiting.id, "", key(waiting))
    break_log(room)
    with pytest.raises(StoreError):
        room.reviews.release(bea, waiting.id, key(waiting))
    with pytest.raises(StoreError):
        room.reading.bundle(ana, released.id)
    with pytest.raises(StoreError):
        room.reading.page(ana, released.id)
    with room.store.read() as tx:
        assert len(tx.execute(review_bundles.select()).all()) == 1


def break_log(room: Room) -> None:
    """Make every write to the log fail, as a full disk would."""
    with room.store.write() as tx:
        if room.store._engine.dialect.name == "postgresql":
            refuse = "FOR EACH ROW EXECUTE FUNCTION kernel_guard_refuse()"
        else:
            refuse = "BEGIN SELECT RAISE(ABORT, 'full'); END"
        tx.execute(text(f"CREATE TRIGGER broken BEFORE INSERT ON audit_log {refuse}"))
