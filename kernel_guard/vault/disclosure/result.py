"""A protected result: the only form in which numbers leave the vault.

- A key column is public, a value has gone through noise or rules, an error and a status say what is known of it.
- A masked value is null and its status says why.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from typing import Literal as OneOf

from kernel_guard.plan.expressions import Value

Role = OneOf["key", "value", "error", "status"]
TypeName = OneOf["integer", "float", "string", "boolean"]


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result; `of` names the value column that an error or a status belongs to."""

    name: str
    role: Role
    of: str | None = None
    type: TypeName = "float"


@dataclass(frozen=True)
class Rule:
    """A rule that was checked, and what came of it."""

    rule: str
    verdict: OneOf["pass", "masked", "applied", "fail"]
    detail: str


@dataclass(frozen=True)
class Check:
    """What a measure is (statbarns analysis type, class and risks), which rules were run, on what, and the verdict.

    `evidence` holds what the table itself shows; what a checker may see besides is kept by the vault.
    """

    measure: str
    analysis: str
    statbarn: str
    risks: tuple[str, ...]
    rules: tuple[str, ...]
    evidence: Mapping[str, int]
    verdict: OneOf["pass", "masked"]

    def to_json(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "risks": list(self.risks), "rules": list(self.rules)}


@dataclass(frozen=True)
class Result:
    """Rows in the order of the public cells; `confidence` is None where the values are exact."""

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[Value | None, ...], ...]
    confidence: float | None
    rules: tuple[Rule, ...]
    checks: tuple[Check, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The part of a statement that the result fills."""
        return {
            "columns": [{"name": c.name, "type": c.type, "role": c.role, "of": c.of} for c in self.columns],
            "rows": [list(row) for row in self.rows],
            "confidence": self.confidence,
            "rules": [{"rule": r.rule, "verdict": r.verdict, "detail": r.detail} for r in self.rules],
            "checks": [c.to_json() for c in self.checks],
        }


def beside(name: str, role: str, taken: Iterable[str]) -> str:
    """A free name for the error or status column of a value."""
    found = f"{name}_{role}"
    while found in set(taken):
        found += "_"
    return found


def type_name(value: Value) -> TypeName:
    """The column type of a key value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "float" if isinstance(value, float) else "string"
