"""Releases of protected code as signed statements, in the form that every other release has."""

from __future__ import annotations

import uuid
from typing import Any

from kernel_guard.plan.codec import encode
from kernel_guard.plan.privacy import Budget
from kernel_guard.plan.protected import ProtectedAsk, protected_in_words
from kernel_guard.trust.store.times import from_text
from kernel_guard.vault.disclosure.result import Result, ResultColumn, Rule
from kernel_guard.vault.ledger import ReleaseRecord
from kernel_guard.vault.mechanisms.sample_aggregate import CONFIDENCE, Combined
from kernel_guard.vault.runner.parcel import Handed
from kernel_guard.vault.seal import Sealed

ROUTE = "protected"


def statement(
    ask: ProtectedAsk, digest: str, cost: Budget, result: Result, about: dict[str, Any], words: str = ""
) -> dict[str, Any]:
    """`about` names created, study, data_version, project, purpose and synthetic.

    A private answer was created when it was asked for: the moment of its end depends on the rows a little.
    """
    return {
        "id": str(uuid.uuid4()),
        **about,
        "route": ROUTE,
        "plan": encode(ask),
        "plan_digest": digest,
        "words": words or protected_in_words(ask),
        "cost": {"epsilon": str(cost.epsilon), "delta": str(cost.delta)},
        **result.to_json(),
    }


def private_result(ask: ProtectedAsk, combined: list[Combined]) -> Result:
    """One row for each output, with its error."""
    assert ask.private is not None
    columns = (
        ResultColumn("output", "key", type="string"),
        ResultColumn("value", "value"),
        ResultColumn("value_error", "error", of="value"),
    )
    detail = f"{ask.private.combine} over {ask.private.blocks} blocks of patients, ε {ask.private.epsilon}"
    rows = tuple((c.name, c.value, c.error) for c in combined)
    return Result(columns, rows, CONFIDENCE, (Rule("sample and aggregate", "applied", detail),))


def reviewed_result(content: dict[str, Any], checkers: list[str], masked: int | None) -> Result:
    """An object as checkers let it go; `masked` rows lost their numbers, None where the code named no patients."""
    columns = tuple(ResultColumn(c["name"], "value", type=c["type"]) for c in content["columns"])
    rows = tuple(tuple(row) for row in content["rows"])
    rules = [Rule("output checker", "pass", f"approved by {', '.join(checkers)}")]
    if masked is not None:
        detail = f"{masked} row(s) masked; the patients behind each row are the code's own word"
        rules += [Rule("threshold", "masked" if masked else "pass", detail)]
        rules += [Rule("differencing", "pass", "compared with earlier exact releases, by the same word")]
    return Result(columns, rows, None, tuple(rules))


def content_of(handed: Handed) -> dict[str, Any]:
    """An object as it lies sealed: plain JSON values."""
    columns = [{"name": name, "type": kind} for name, kind in handed.columns]
    return {"kind": handed.kind, "columns": _named_apart(columns), "rows": [list(row) for row in handed.rows]}


def record_of(sealed: Sealed, user: str) -> ReleaseRecord:
    made = sealed.statement
    return ReleaseRecord(
        id=made["id"],
        digest=made["plan_digest"],
        statement=made,
        envelope=sealed.envelope,
        project=made["project"],
        user=user,
        study=made["study"],
        data_version=made["data_version"],
        route=ROUTE,
        created=from_text(made["created"]),
    )


def _named_apart(columns: list[dict[str, str]]) -> list[dict[str, str]]:
    """Column names that occur once each: a number is added to the later ones."""
    seen: dict[str, int] = {}
    apart = []
    for column in columns:
        seen[column["name"]] = number = seen.get(column["name"], 0) + 1
        apart.append({**column, "name": column["name"] if number == 1 else f"{column['name']}_{number}"})
    return apart
