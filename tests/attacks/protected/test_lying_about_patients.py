"""Claim that a thousand patients are behind a cell that holds one, to have it released by itself.

Source: the code's own count cannot be trusted. Must be absent: the cell, until a checker has decided.
"""

from __future__ import annotations

from tests.attacks.protected.conftest import Attempt

CODE = """
import pandas as pd
release("table", pd.DataFrame({"value": [number]}), patients=[list(range(1000))])
"""


def test_lying_about_patients(attempt: Attempt) -> None:
    left = attempt(CODE)
    (table,) = [w for w in attempt.beside.sealed(left) if w.name == "table"]
    assert table.state == "pending" and table.release_id is None
    listed = attempt.beside.gate.protected_objects(attempt.beside.token)
    objects = [item for item in listed if item["run"] == left.answer["run"]]
    assert objects
    assert all(item["release"] is None for item in objects)
    assert "9.87" not in str(objects)
