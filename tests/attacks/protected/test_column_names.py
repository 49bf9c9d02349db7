"""Put the row into column names, text cells and the names of types.

Source: channels in metadata. Must be absent, also from what a checker sees: text that neither code nor schema holds.
"""

from __future__ import annotations

from tests.attacks.protected.conftest import Attempt

CODE = """
import pandas as pd
release("table", pd.DataFrame({secret: [1], "plain": [secret], "label": [secret[::-1]]}, index=[secret]))
"""


def test_column_names(attempt: Attempt) -> None:
    left = attempt(CODE)
    (table,) = [w for w in attempt.beside.sealed(left) if w.name == "table"]
    assert table.content is not None
    assert "canary" not in str(table.content) and "yranac" not in str(table.content)
    assert table.evidence["texts_dropped"] >= 4
