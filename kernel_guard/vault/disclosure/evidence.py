"""The evidence of an exact release for its checkers: what the rules saw. Kept by the vault, never in an answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernel_guard.vault.disclosure.gather import ExactTable
from kernel_guard.vault.disclosure.masks import Masks
from kernel_guard.vault.disclosure.pack import RulePack

MOST_CELLS = 2_000  # beyond this, numbers of cells only


def for_checkers(table: ExactTable, masks: Masks, pack: RulePack) -> dict[str, Any]:
    """Plain JSON values: per measure and cell patients, rows, the largest share, the rules that failed."""
    return {
        "pack": pack.name,
        "values": {name: section["value"] for name, section in pack.to_json().items() if isinstance(section, dict)},
        "secondary": {"cells": masks.secondary, "method": masks.method},
        "measures": {m.name: _of_measure(table, masks, m.name) for m in table.plan.measures},
    }


def _of_measure(table: ExactTable, masks: Masks, name: str) -> dict[str, Any]:
    found = table.evidence[name]
    failed = {rule: int(cells.sum()) for rule, cells in masks.failed[name].items()}
    summary: dict[str, Any] = {"failed": failed, "masked": int(masks.masked[name].sum())}
    if len(table.layout.cells) > MOST_CELLS:
        return summary
    share = np.divide(found.largest[:, 0], found.absolute, out=np.zeros_like(found.absolute), where=found.absolute > 0)
    cells = [
        {"key": list(label), "patients": int(found.patients[i]), "rows": int(found.rows[i]),
         "largest_share": round(float(share[i]), 4), "masked": bool(masks.masked[name][i]),
         "failed": [rule for rule, fails in masks.failed[name].items() if fails[i]]}
        for i, label in enumerate(table.layout.cells)
    ]  # fmt: skip
    return {**summary, "cells": cells}
