"""A table whose rows have one patient each, said truly, in the hope that checkers do not look at each row.

Source: small cells. Must be absent: the numbers of such rows, from what checkers see and could approve.
"""

from __future__ import annotations

from tests.attacks.protected.conftest import Attempt

CODE = """
import pandas as pd
groups = [[17], list(range(1, 61)), [17, 17, 17, 900]]
release("table", pd.DataFrame({"sex": ["f", "m", "f"], "value": [number, 3.5, number]}), patients=groups)
"""


def test_small_cells(attempt: Attempt) -> None:
    left = attempt(CODE)
    (table,) = [w for w in attempt.beside.sealed(left) if w.name == "table"]
    assert table.content is not None
    assert table.content["rows"] == [["f", None], ["m", 3.5], ["f", None]]
    assert table.evidence["claimed_patients"] == [1, 60, 1]
    assert table.evidence["claimed_rows_below_threshold"] == [0, 2]
    assert "9.87" not in str(table.content)
