"""The table of ways out is whole, each way is tried, and the page in the documentation is that table."""

from __future__ import annotations

from kernel_guard.wrapper.rules import requests, table
from kernel_guard.wrapper.rules.ways import OPEN, WAYS
from tests.lib.arena import ATTACKS, load
from tests.lib.ways import PAGE, page

LOADED = [load(path) for path in ATTACKS]
NAMED = {(way.channel, way.message, way.field) for way in WAYS}


def test_each_field_that_may_pass_has_a_row() -> None:
    for (channel, message), rule in table.TABLE.items():
        for field in rule.fields:
            assert (channel, message, field) in NAMED, (channel, message, field)


def test_each_request_that_the_guard_answers_has_a_row() -> None:
    rows = {way.message for way in WAYS}
    for (_, message), row in requests.TABLE.items():
        if row.answered:
            assert message.replace("_request", "_reply") in rows, message


def test_each_way_is_tried_by_an_attack() -> None:
    tried = {attack.way for attack in LOADED}
    assert tried == {way.id for way in WAYS}
    assert {attack.way for attack in LOADED if attack.open} == OPEN


def test_there_are_many_attacks_and_each_says_where_it_is_from() -> None:
    assert len(LOADED) >= 120
    assert all(attack.idea and attack.source and attack.code.strip() and attack.absent for attack in LOADED)
    assert len({attack.idea for attack in LOADED}) == len(LOADED)


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.lib.ways"
