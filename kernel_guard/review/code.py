"""The code behind a request: its digest at submission, and what changed since the last version that was approved."""

from __future__ import annotations

import difflib
import hashlib
from typing import Any

from kernel_guard.plan.codec import canonical_json
from kernel_guard.review import records
from kernel_guard.review.content import Content, Item
from kernel_guard.review.states import State
from kernel_guard.trust.labels import code_digest
from kernel_guard.trust.store import Transaction
from kernel_guard.trust.store.review_tables import review_requests

_SEARCHED = 50
_MAX_DIFF_LINES = 2_000
_NEVER = {"approved_request": None, "approved_version": None}


def evidence(tx: Transaction, project: str, content: Content, item: Item) -> dict[str, Any] | None:
    """For code: its difference from the last approved code of this name. For the rest: the code that made it.

    A seal names the digest of the cell that showed the item: `matches` says whether the submitted code still has it.
    """
    if item.kind == "code":
        before = _last_approved(tx, project, item.name)
        since = _diff(_text(before[0]), _text(item)) if before else None
        approved = {"approved_request": before[1], "approved_version": before[2]} if before else _NEVER
        return {"at_running": _digest(item), "since_approved": since, **approved}
    sealed = str(item.seal.get("code_sha256", ""))
    listing = [
        cell for i in content.items if i.kind == "code" for cell in i.content["cells"] if item.id in cell["outputs"]
    ]
    if not sealed and not listing:
        return None
    shown = [code_digest(cell["source"]) for cell in listing]
    matches = (sealed in shown) if sealed and shown else None
    return {"at_running": sealed or shown[0], "matches": matches, "since_approved": None, **_NEVER}


def _last_approved(tx: Transaction, project: str, name: str) -> tuple[Item, int, int] | None:
    """The code of this name in the project's youngest approved request, with that request's number and version."""
    query = review_requests.select().where(
        review_requests.c.project == project,
        review_requests.c.state.in_([State.APPROVED.value, State.RELEASED.value]),
    )
    rows = tx.execute(query.order_by(review_requests.c.number.desc()).limit(_SEARCHED)).mappings().all()
    for row in rows:
        version = records.versions(tx, row["id"])[-1]
        found = next((i for i in version.content.items if i.kind == "code" and i.name == name), None)
        if found is not None:
            return found, int(row["number"]), version.version
    return None


def _diff(old: str, new: str) -> str:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "approved", "now", lineterm="")
    return "\n".join(list(lines)[:_MAX_DIFF_LINES])


def _text(item: Item) -> str:
    return "\n\n".join(cell["source"] for cell in item.content["cells"])


def _digest(item: Item) -> str:
    return hashlib.sha256(canonical_json([cell["source"] for cell in item.content["cells"]])).hexdigest()
