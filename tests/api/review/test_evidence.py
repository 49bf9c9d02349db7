"""What a checker is told of an item: the vault's own records, in bands, against everything else that was given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from kernel_guard.errors import PolicyForbids
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Mean
from kernel_guard.plan.expressions import ColumnRef, Compare, Literal
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Filter, Source
from kernel_guard.vault.config import load_config
from kernel_guard.vault.evidence.bands import band, lower_end
from kernel_guard.vault.evidence.witness import VaultWitness
from kernel_guard.vault.wiring import open_vault
from tests.lib.vaults import STUDY, Vault

PERSON = Source(STUDY, "person")
SEX = Key("gender_concept_id", (8507, 8532))


def older(year: int) -> Filter:
    return Filter(PERSON, Compare("lt", ColumnRef("year_of_birth"), Literal(year)))


def ask(source: Any = PERSON, *measures: Any, route: Route = Route.SDC, epsilon: Fraction | None = None) -> Ask:
    return Ask(Aggregate(source, measures or (CountPatients("n"),), (SEX,)), route, epsilon)


@pytest.fixture
def place(vault: Vault) -> Iterator[tuple[Any, VaultWitness, Vault]]:
    gate, desk = open_vault(load_config(vault.settings))
    yield gate, desk.reviews._witness, vault
    gate.close()


def made(place: Any, wanted: Ask) -> str:
    gate, _, vault = place
    return str(gate.release(vault.token, wanted).statement["id"])


def test_patients_come_in_bands_from_what_was_kept(place: Any) -> None:
    gate, witness, vault = place
    release = made(place, ask(PERSON, CountPatients("n"), Mean("born", "year_of_birth")))
    found = witness.evidence("p1", (release,))
    statement = gate.stored(vault.token, release).statement
    shown = {row[0]: row[1] for row in statement["rows"]}
    for cell in found["patients"]:
        if cell["column"] == "n":
            exact = shown[statement["rows"][cell["row"]][0]]
            assert cell["band"] == band(exact, 10)
            assert not re.search(rf"\b{exact}\b", json.dumps({k: v for k, v in found.items() if k != "plan"}))
    assert {one["column"] for one in found["degrees_of_freedom"]} == {"n", "born"}
    assert any("margin" in rule for rule in found["rules"])


def test_differencing_looks_at_every_other_release_now(place: Any) -> None:
    _, witness, _ = place
    first = made(place, ask())
    assert witness.evidence("p1", (first,))["differencing"]["compared"] == 0
    second = made(place, ask(older(1960)))
    # The first release's evidence counts the later one too, and says how the two lie to each other.
    found = witness.evidence("p1", (first,))["differencing"]
    assert found["compared"] == 1 and found["verdict"] == "pass" and found["cells"] == 2
    (near,) = found["nearest"]
    assert near["release"] == second and near["relation"] == "contains" and near["user"] == "ana"
    assert near["apart"].startswith((">=", "100-", "50-", "20-")), near
    together = witness.evidence("p1", (first, second))
    assert together["differencing"]["compared"] == 0 and together["releases_in_all"] == 2
    assert together["patients"] is None and [r["least"][:2] for r in together["releases"]] == [">=", ">="]


def test_what_the_gate_would_refuse_the_evidence_would_show(place: Any) -> None:
    """The audit is the gate's own: made to look at sets that differ by a handful, it fails."""
    from pyroaring import BitMap

    from kernel_guard.vault.disclosure.differencing.history import Published
    from kernel_guard.vault.disclosure.differencing.statistic import Statistic
    from kernel_guard.vault.evidence.neighbours import differencing

    count = Statistic("count", frozenset(), "patients")
    mine = [Published("n", 0, count, BitMap(range(100)), None, "r1", "v1")]
    near = [Published("n", 0, count, BitMap(range(3, 100)), None, "r2", "v1")]
    far = [Published("n", 0, count, BitMap(range(50)), None, "r3", "v1")]
    found = differencing(mine, near + far, 10, "v1", lambda _: pytest.fail("not needed"))
    assert found["verdict"] == "fail" and [n["release"] for n in found["nearest"]] == ["r2", "r3"]
    assert [n["apart"] for n in found["nearest"]] == ["<10", "50-99"]
    assert differencing(mine, far, 10, "v1", lambda _: pytest.fail("not needed"))["verdict"] == "pass"


def test_a_question_that_isolates_few_has_no_release_to_show(place: Any) -> None:
    made(place, ask(older(1990)))
    with pytest.raises(PolicyForbids):
        for year in range(1989, 1985, -1):
            made(place, ask(older(year)))


def test_noise_is_its_own_evidence(place: Any) -> None:
    _, witness, _ = place
    release = made(place, ask(route=Route.DP, epsilon=Fraction(1, 2)))
    found = witness.evidence("p1", (release,))
    assert found["patients"] is None and found["differencing"]["verdict"] == "not needed"
    assert found["budget"]["epsilon"] == "1/2"


def test_who_else_was_given_something_of_the_cohort(place: Any) -> None:
    _, witness, _ = place
    noisy = made(place, ask(route=Route.DP, epsilon=Fraction(1, 2)))
    exact = made(place, ask())
    (other,) = witness.evidence("p1", (exact,))["others"]
    assert (other["project"], other["user"], other["route"]) == ("p1", "ana", "dp")
    assert noisy != exact and not [o for o in witness.evidence("p1", (noisy, exact))["others"]]


def test_another_projects_release_tells_nothing(place: Any) -> None:
    _, witness, _ = place
    release = made(place, ask())
    assert witness.statements("p2", (release,)) == {} and witness.evidence("p2", (release,))["releases"] == []


@pytest.mark.parametrize(
    ("patients", "shown", "low"), [(9, "<10", 0), (10, "10-19", 10), (99, "50-99", 50), (5000, ">=500", 500)]
)
def test_bands(patients: int, shown: str, low: int) -> None:
    assert band(patients, 10) == shown and lower_end(patients, 10) == low
