"""Triage on 80 realistic requests with the four commonest causes planted: none reaches a checker unnoticed."""

from __future__ import annotations

import pytest

from kernel_guard.review.assess import assess
from kernel_guard.review.content import Content, Group, read_item
from kernel_guard.review.findings import LOOK, STOP
from kernel_guard.review.policy import Limits, ReviewPolicy
from tests.lib import realistic
from tests.lib.desks import SEALER, FakeWitness, P, statement
from tests.lib.realistic import CAUSES, CONTEXT, Made

WITNESS = FakeWitness(*realistic.statements(), limits=Limits(rounding=5))
SET = realistic.make()


def content_of(made: Made, justified: str = "") -> Content:
    content = Content((Group("g1", made.context, made.controls),))
    for number, item in enumerate(made.items):
        given, keys = SEALER.sealed({**item, "justification": justified}), SEALER.of("ana", P)
        read = read_item(given, item_id=f"i{number}", group="g1", authors=("ana",), keys=keys)
        content = content.with_item(read)
    return content


def codes(made: Made) -> set[str]:
    return {s["code"] for s in assess(content_of(made), P, ReviewPolicy(), WITNESS).stops(content_of(made))}


def test_the_set_is_large_and_every_cause_is_common_in_it() -> None:
    assert len(SET) >= 60
    for cause in CAUSES:
        assert sum(cause in made.planted for made in SET) >= 15
    assert sum(not made.planted for made in SET) >= 12


@pytest.mark.parametrize("made", SET, ids=lambda m: f"{m.number}-{'+'.join(sorted(m.planted)) or 'clean'}")
def test_every_planted_cause_is_stopped_and_a_clean_request_is_not(made: Made) -> None:
    found = codes(made)
    assert made.planted <= found
    assert found <= made.planted | ({"unrounded_count"} if "unredacted_count" in made.planted else set())


@pytest.mark.parametrize("made", [m for m in SET if m.planted - {CONTEXT}], ids=lambda m: str(m.number))
def test_what_was_justified_stands_on_top_and_is_never_automatic(made: Made) -> None:
    content = content_of(made, justified="The steward agreed to this in writing on the first of March.")
    policy = ReviewPolicy.from_json({"checkers": {"derived": 0, "model": 0, "text": 0, "sdc": 0, "dp": 0}})
    found = assess(content, P, policy, WITNESS)
    bad = [i for i in content.items if any(f.severity == STOP for f in found.items[i.id].findings)]
    assert bad and {i.id for i in bad} == set(found.order()[: len(bad)])
    assert all(found.items[i.id].checkers >= 1 and not found.items[i.id].passed for i in bad)
    assert found.risk == "high"


def test_counts_of_a_differentially_private_release_are_noise_not_people() -> None:
    witness = FakeWitness(
        statement(route="dp", rows=[["f", 3, "noisy"], ["m", 117, "noisy"]]), limits=Limits(rounding=5)
    )
    made = Made(0, [{"kind": "release", "name": "r", "content": {"release": "r1"}}], *_prose())
    assert not assess(content_of(made), P, ReviewPolicy(), witness).stops(content_of(made))


def test_a_release_of_another_project_is_no_evidence() -> None:
    witness = FakeWitness(statement(project="p2"))
    made = Made(0, [{"kind": "release", "name": "r", "content": {"release": "r1"}}], *_prose())
    stops = assess(content_of(made), P, ReviewPolicy(), witness).stops(content_of(made))
    assert [s["code"] for s in stops] == ["missing_data"]


def test_few_degrees_of_freedom_are_stopped_and_points_looked_at() -> None:
    terms = [{"name": "a", "estimate": 1.0}]
    fit = {"model": "ols", "observations": 15, "parameters": 7, "terms": terms, "releases": ["r1"]}
    model = {"kind": "model", "name": "m", "content": fit}
    drawn = {"chart": "scatter", "x": "n", "y": ["n"], "rows": [[50]], "releases": ["r1"]}
    points = {"kind": "figure", "name": "f", "content": {**drawn, "columns": [{"name": "n", "type": "integer"}]}}
    content = content_of(Made(0, [model, points], *_prose()))
    found = assess(content, P, ReviewPolicy(), WITNESS)
    assert {f.code for f in found.items["i0"].findings} == {"degrees_of_freedom"}
    assert {(f.code, f.severity) for f in found.items["i1"].findings} == {("points", LOOK)}


@pytest.mark.parametrize(("name", "seen"), [("women", True), ("alive at day 30", True), ("year_of_birth", False)])
def test_small_numbers_under_an_unknown_name_are_looked_at(name: str, seen: bool) -> None:
    columns = [{"name": name, "type": "integer"}, {"name": "n", "type": "integer"}]
    content = {"columns": columns, "rows": [[4, 120]], "releases": ["r1"]}
    made = Made(0, [{"kind": "table", "name": "t", "content": content}], *_prose())
    found = assess(content_of(made), P, ReviewPolicy(), WITNESS).items["i0"].findings
    assert [f.code for f in found] == (["possible_count"] if seen else [])


def _prose() -> tuple[str, str]:
    return realistic.GOOD_CONTEXT[0], realistic.GOOD_CONTROLS[0]
