"""What a pack may do when releases together isolate too few: refuse, round, or review; and whose releases count."""

from __future__ import annotations

from typing import Any

from kernel_guard.errors import KernelGuardError, PolicyForbids
from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Mean
from kernel_guard.plan.relations import Filter, Source
from kernel_guard.vault.admin import add_grant
from kernel_guard.vault.disclosure.pack import load_pack
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
NEARLY = Filter(PERSON, ex.Compare("lt", ex.ColumnRef("weight"), ex.Literal(299)))
N = (CountPatients("n"),)


def pack(**values: str) -> dict[str, Any]:
    document = load_pack("uk_tre").to_json()
    return {**document, **{name: {"value": value, "source": "for this test"} for name, value in values.items()}}


def rows() -> list[dict[str, Any]]:
    return population(weight=lambda pid: 299.5 if pid == 8 else 70.0)


def test_rounding_hides_the_one_patient() -> None:
    with clinic(rows(), pack=pack(differencing="round")) as c:
        assert c.cells(Aggregate(PERSON, N)) == {(): (240,)}
        assert c.cells(Aggregate(NEARLY, N)) == {(): (240,)}  # 239, to the nearest 5
        assert c.cells(Aggregate(PERSON, (Mean("m", "age"),))) is not None
        assert c.cells(Aggregate(NEARLY, (Mean("m", "age"),))) is None  # rounding a count does not hide a value
        assert b"239" not in c.everything


def test_review_is_named_as_the_way() -> None:
    with clinic(rows(), pack=pack(differencing="review")) as c:
        assert c.cells(Aggregate(PERSON, N)) == {(): (240,)}
        refusal = c.ask(Aggregate(NEARLY, N))
        assert isinstance(refusal, KernelGuardError) and refusal.details["review"] is True
        assert "review" in refusal.hint and b"239" not in c.everything


def test_the_same_person_in_another_project() -> None:
    for scope, told in (("people", False), ("project", True)):
        with clinic(rows(), pack=pack(scope=scope)) as c:
            other = add_grant(c.settings, user="ana", project="p2", studies=[NAME], purpose="tests", days=1)
            assert c.cells(Aggregate(PERSON, N)) == {(): (240,)}
            answer = c.ask(Aggregate(NEARLY, N), other)
            assert isinstance(answer, dict) is told
            assert told or isinstance(answer, PolicyForbids)
