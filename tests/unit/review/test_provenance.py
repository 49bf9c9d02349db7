"""Seals of derived items: what was shown is taken, what was typed, altered or shown elsewhere is not."""

from __future__ import annotations

from typing import Any

import pytest

from kernel_guard.errors import Forbidden, RequestInvalid
from kernel_guard.review.permissions import Actor
from kernel_guard.trust.labels import NUMBERS
from kernel_guard.trust.people import Role
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.wrapper_keys import WrapperKeys
from kernel_guard.wrapper.labels import Labeller
from tests.lib.desks import SEALER, P, Room, key, release, table


def put(room: Room, who: Actor, item: dict[str, Any]) -> dict[str, Any]:
    request = room.reviews.create(who, P, "A request", key())
    request = room.reviews.put_item(who, request.id, "g1", item, key(request))
    return room.reading.after(who, request.id)["items"][0]


def test_the_seal_says_what_is_behind_an_item_and_nobodys_word(room: Room, ana: Actor) -> None:
    sealed = SEALER.sealed(table(releases=["r1"]))
    sealed["content"] = {**sealed["content"], "releases": ["r9"]}
    kept = put(room, ana, sealed)
    assert kept["content"]["releases"] == ["r1"] and kept["seal"]["keyid"] == SEALER.key.keyid


@pytest.mark.parametrize("zone", ["release", "withheld", "notice", "cell"])
def test_only_the_open_zone_makes_items(room: Room, ana: Actor, zone: str) -> None:
    given = table()
    numbers = {k: v for k, v in given["content"].items() if k != "releases"}
    shown = {NUMBERS: {"kind": "table", "content": numbers}}
    with pytest.raises(RequestInvalid, match="other numbers"):
        put(room, ana, {**given, "seal": Labeller(SEALER.key).label(zone, shown, "", ["r1"])})


def test_numbers_under_another_kind_name_or_key_are_refused(room: Room, ana: Actor) -> None:
    sealed = SEALER.sealed(table())
    stranger = Labeller(SigningKey.generate()).label("open", {NUMBERS: {}}, "", [])
    for seal, reason in ((stranger, "no seal"), ({}, "no seal"), ({**sealed["seal"], "time": "x"}, "no seal")):
        with pytest.raises(RequestInvalid, match=reason):
            put(room, ana, {**sealed, "seal": seal})
    other = SEALER.sealed(table([["f", 200], ["m", 115]]))
    with pytest.raises(RequestInvalid, match="other numbers"):
        put(room, ana, {**sealed, "seal": other["seal"]})


def test_what_needs_no_seal_is_taken_without(room: Room, ana: Actor) -> None:
    assert put(room, ana, release())["seal"] == {}
    text = {"kind": "text", "name": "t", "content": {"text": "Older people stayed longer."}}
    assert put(room, ana, text)["seal"] == {}


@pytest.mark.parametrize(("source", "matches"), [("n = 1", True), ("n = 2", False)])
def test_the_code_is_compared_with_what_ran(room: Room, ana: Actor, bea: Actor, source: str, matches: bool) -> None:
    request = room.draft(ana)
    request = room.reviews.put_item(ana, request.id, "g1", SEALER.sealed(table(), code="n = 1"), key(request))
    cells = [{"source": source, "outputs": [request.content.items[1].id]}]
    code = {"kind": "code", "name": "analysis", "content": {"language": "python", "cells": cells}}
    request = room.reviews.put_item(ana, request.id, "g1", code, key(request))
    request = room.reviews.submit(ana, request.id, key(request))
    items = {i["kind"]: i["evidence"]["code"] for i in room.reading.page(bea, request.id)["items"]}
    assert items["table"]["matches"] is matches and items["release"] is None


def test_a_grant_makes_keys_known_for_its_person_and_project_alone(room: Room) -> None:
    keys, public = WrapperKeys(room.store, room.audit), SigningKey.generate().public_bytes
    grant = room.actor("ana", Role.RESEARCHER, signed_in=False).person
    assert grant is not None
    keyid = keys.make_known(grant, public.hex())
    assert keys.make_known(grant, public.hex()) == keyid
    assert keys.of("ana", P) == {keyid: public} and keys.of("ana", "p2") == keys.of("eve", P) == {}
    rows = [row for row in room.audit.rows() if row["kind"] == "key.of_wrapper"]
    assert [(row["actor"], row["project"], row["subject"]) for row in rows] == [("ana", P, keyid)]


@pytest.mark.parametrize("public", ["", "zz", "00" * 31, "00" * 33])
def test_what_is_no_key_is_refused(room: Room, public: str) -> None:
    grant = room.actor("ana", Role.RESEARCHER, signed_in=False).person
    assert grant is not None
    with pytest.raises(RequestInvalid):
        WrapperKeys(room.store, room.audit).make_known(grant, public)


def test_a_person_who_signed_in_makes_no_key_known(room: Room, ana: Actor) -> None:
    assert ana.person is not None
    with pytest.raises(Forbidden):
        WrapperKeys(room.store, room.audit).make_known(ana.person, "00" * 32)
