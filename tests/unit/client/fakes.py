"""A vault in memory for the client's tests: fixed numbers, real plan checks, real Arrow."""

from __future__ import annotations

import itertools
from typing import Any

from kernel_guard.errors import KernelGuardError
from kernel_guard.plan import aggregates as agg
from kernel_guard.plan.codec import encode, loads_question
from kernel_guard.plan.composed import ComposedAsk, Question, plans_of
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.schema import Category, Column, ColumnType, Study, Table, TableKind
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.plan.words import describe, question
from kernel_guard.wire.released import ReleasedTable, read_release, write_release

PERSON = Table(
    "person",
    TableKind.PATIENT,
    (
        Column("person_id", ColumnType.INTEGER, nullable=False),
        Column("sex", ColumnType.STRING, "Sex", categories=(Category("F", "female"), Category("M", "male"))),
        Column("gender_code", ColumnType.INTEGER, categories=(Category(8507, "MALE"), Category(8532, "FEMALE"))),
        Column("smoker", ColumnType.BOOLEAN, categories=(Category(False, "no"), Category(True, "yes"))),
        Column("year_of_birth", ColumnType.INTEGER, "Year of <birth>", lower=1900, upper=2030, step=1),
        Column("postcode", ColumnType.STRING, "Postcode"),
        Column("weight", ColumnType.FLOAT, unit="kg", missing_codes=(-1, 999)),
        Column("name", ColumnType.STRING, blocked=True, blocked_reason="direct identifier"),
    ),
    "person_id",
    "One row for each patient",
)
VISIT = Table(
    "visit",
    TableKind.EVENT,
    (
        Column("person_id", ColumnType.INTEGER, nullable=False),
        Column("kind", ColumnType.STRING, categories=(Category("in"), Category("out"))),
        Column("ward", ColumnType.STRING),
        Column("start_date", ColumnType.DATE, lower="2000-01-01", upper="2025-12-31"),
        Column("end_date", ColumnType.DATE, lower="2000-01-01", upper="2025-12-31"),
        Column("cost", ColumnType.FLOAT, lower=0, upper=10, step=0.01),
    ),
    "person_id",
    "Stays",
    50,
)
CONCEPT = Table("concept", TableKind.REFERENCE, (Column("concept_id", ColumnType.INTEGER),), None, "Codes")
STUDY = Study("demo", "A small demonstration", (PERSON, VISIT, CONCEPT), "v1", synthetic=True)
EPSILON = {"granted": "10", "spent": "1/2", "reserved": "0", "left": "9.5"}
BUDGET = {"study": "demo", "project": "lesson", "purpose": "teaching", "expires": "2030-01-01", "epsilon": EPSILON,
          "delta": {"granted": "0", "spent": "0", "reserved": "0", "left": "0"}, "routes": ["dp", "sdc"]}  # fmt: skip


class FakeVault:
    """A transport that answers like a vault; `asked` keeps what was asked, `failure` makes it fail."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Question]] = []
        self.failure: KernelGuardError | None = None
        self.masked: set[int] = set()

    def get_json(self, path: str) -> dict[str, Any]:
        if self.failure:
            raise self.failure
        return {"/v1/studies": {"studies": [encode(STUDY)]}, "/v1/budget": {"budgets": [BUDGET]}}[path]

    def post_json(self, path: str, body: bytes) -> dict[str, Any]:
        ask = self._take(path, body)
        epsilon, measures = float(ask.epsilon or 0.5), [m.name for plan in plans_of(ask) for m in plan.measures]
        errors = [{"measure": name, "error": 3 / epsilon, "confidence": ask.confidence} for name in measures]
        cost = {"epsilon": "0" if ask.route is Route.SDC else str(ask.epsilon or "1/2"), "delta": "0"}
        return {"route": str(ask.route), "cost": cost, "free": False, "errors": errors,
                "words": question(ask), "budget": BUDGET, "more": int(9.5 / epsilon), "advice": []}  # fmt: skip

    def post_arrow(self, path: str, body: bytes) -> ReleasedTable:
        ask = self._take(path, body)
        statement = _composed(self, ask) if isinstance(ask, ComposedAsk) else self._statement(ask)
        return read_release(write_release(statement, {"payload": "", "signatures": []}))

    def _take(self, path: str, body: bytes) -> Question:
        if self.failure:
            raise self.failure
        ask = loads_question(body)
        for plan in plans_of(ask):
            check_aggregate(plan, STUDY)
        self.asked.append((path, ask))
        return ask

    def _statement(self, ask: Ask) -> dict[str, Any]:
        plan, columns = ask.plan, []
        shape = check_aggregate(plan, STUDY)
        for key in plan.by:
            columns.append({"name": key.column, "type": str(shape.column(key.column).type), "role": "key", "of": None})
        for m in plan.measures:
            kind = "integer" if isinstance(m, (agg.CountRows, agg.CountPatients)) else "float"
            columns.append({"name": m.name, "type": kind, "role": "value", "of": None})
            columns.append({"name": f"{m.name}_error", "type": "float", "role": "error", "of": m.name})
            columns.append({"name": f"{m.name}_status", "type": "string", "role": "status", "of": m.name})
        rows: list[list[Any]] = []
        for i, group in enumerate(itertools.product(*(k.values for k in plan.by))):
            row: list[Any] = list(group)
            for j, m in enumerate(plan.measures):
                masked = i in self.masked
                value = 100 + 10 * i + j if isinstance(m, (agg.CountRows, agg.CountPatients)) else 50.25 + i + j
                row += [None, None, "fewer than 10 patients"] if masked else [value, 6.0, None]
            rows.append(row)
        cost = {"epsilon": "0" if ask.route is Route.SDC else str(ask.epsilon or "1/2"), "delta": "0"}
        return {"id": "r-1", "created": "2026-01-01T00:00:00Z", "study": "demo", "data_version": "v1",
                "project": "lesson", "route": str(ask.route), "plan": encode(plan), "plan_digest": "d",
                "words": describe(plan), "cost": cost, "columns": columns, "rows": rows,
                "confidence": ask.confidence, "rules": [], "synthetic": True}  # fmt: skip


def _composed(vault: FakeVault, asked: ComposedAsk) -> dict[str, Any]:
    """The tables below each other, as a vault puts them."""
    made = [(name, vault._statement(ask)) for name, ask in asked.parts(asked.epsilon)]
    columns = [{"name": "table", "type": "string", "role": "key", "of": None}]
    for _, part in made:
        columns += [c for c in part["columns"] if c not in columns]
    rows: list[list[Any]] = []
    tables = []
    for name, part in made:
        names = [c["name"] for c in part["columns"]]
        index = {"name": name, "words": part["words"], "rows": [len(rows), len(rows) + len(part["rows"])]}
        tables.append({**index, "columns": [{"name": n, "in": n} for n in names]})
        rows += [[{"table": name, **dict(zip(names, row, strict=True))}.get(c["name"]) for c in columns]
                 for row in part["rows"]]  # fmt: skip
    first = made[0][1]
    cost = {"epsilon": str(asked.epsilon or 0), "delta": "0"}
    return {**first, "cost": cost, "columns": columns, "rows": rows, "tables": tables, "words": question(asked)}
