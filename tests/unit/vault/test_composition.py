"""Tables put below each other and cut apart again are the same tables."""

from __future__ import annotations

from typing import Any

from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Mean
from kernel_guard.plan.composed import ComposedAsk, NamedTable
from kernel_guard.plan.privacy import Route
from kernel_guard.plan.relations import Source
from kernel_guard.vault.admin import opened
from kernel_guard.vault.composition import NOT_ASKED, joined
from kernel_guard.vault.disclosure.result import Result, ResultColumn, Rule
from kernel_guard.vault.evidence.bands import band
from kernel_guard.vault.evidence.cells import kept
from kernel_guard.wire.released import read_release, table_of, write_release
from tests.lib.exact import NAME, clinic, population

COUNT = (ResultColumn("n", "value", type="integer"), ResultColumn("n_status", "status", "n", "string"))
BY_SEX = Result(
    (ResultColumn("sex", "key", type="string"), *COUNT),
    (("f", 20, "exact"), ("m", None, "masked")), None, (Rule("threshold", "applied", "10"),),
)  # fmt: skip
MEAN = Result(
    (ResultColumn("table", "key", type="integer"), ResultColumn("n", "value"), ResultColumn("n_error", "error", "n")),
    ((1, 2.5, 0.5), (2, 3.5, None)), None, (Rule("threshold", "applied", "10"), Rule("x", "pass", "alone")),
)  # fmt: skip


def _cut() -> tuple[dict[str, Any], list[Any]]:
    found = joined([("sexes", "By sex.", BY_SEX), ("means", "Means.", MEAN)])
    statement = {"id": "r", "words": "both", **found.result.to_json(), "tables": list(found.index)}
    released = read_release(write_release(statement, {}))
    return statement, [table_of(released, i) for i in (0, 1)]


def test_cut_apart_again() -> None:
    _, (sexes, means) = _cut()
    for part, result in ((sexes, BY_SEX), (means, MEAN)):
        assert [c["name"] for c in part.statement["columns"]] == [c.name for c in result.columns]
        assert [c["of"] for c in part.statement["columns"]] == [c.of for c in result.columns]
        assert [c["type"] for c in part.statement["columns"]] == [c.type for c in result.columns]
        assert [tuple(row) for row in part.statement["rows"]] == list(result.rows)
        assert part.table.to_pylist() == [
            dict(zip((c.name for c in result.columns), row, strict=True)) for row in result.rows
        ]
    assert sexes.statement["words"] == "By sex." and means.statement["table"] == "means"


def test_what_was_not_asked_is_not_masked_and_names_do_not_clash() -> None:
    statement, _ = _cut()
    names = [c["name"] for c in statement["columns"]]
    assert names == ["table", "sex", "table_", "n", "n_status", "n_", "n__status", "n_error"]
    rows = [dict(zip(names, row, strict=True)) for row in statement["rows"]]
    assert rows[1]["n_status"] == "masked" and rows[1]["n__status"] == NOT_ASKED
    assert rows[2]["n_status"] == NOT_ASKED and rows[2]["n__status"] is None and rows[2]["n_"] == 2.5


def test_a_rule_of_all_tables_stands_once() -> None:
    statement, _ = _cut()
    assert [r["detail"] for r in statement["rules"]] == ["10", "means: alone"]


def test_a_checker_sees_the_patients_behind_the_right_cell() -> None:
    people = Source(NAME, "person")
    tables = (
        NamedTable("sexes", Aggregate(people, (CountPatients("n"),), (Key("sex", ("f", "m")),))),
        NamedTable("sites", Aggregate(people, (CountPatients("n"), Mean("age", "age")), (Key("site", (1, 2, 3, 4)),))),
    )
    with clinic(population(site=lambda pid: 1 if pid <= 40 else 2 + pid % 3)) as vault:
        statement = vault.gate.release(vault.token, ComposedAsk(tables, Route.SDC)).statement
        with opened(vault.settings) as parts:
            found = kept(parts.store, statement["id"])
    assert found is not None
    names = [c["name"] for c in statement["columns"]]
    seen = {(one["row"], one["column"]): one["band"] for one in found.patients()}
    assert set(seen) == {(row, "n") for row in range(6)} | {(row, "age") for row in range(2, 6)}
    for row in range(6):
        assert seen[row, "n"] == band(statement["rows"][row][names.index("n")], found.threshold)
