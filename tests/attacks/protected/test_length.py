"""Hand over an object whose length is the secret.

Source: channels in sizes. Must be absent: the length, in everything that leaves before a checker has decided.
"""

from __future__ import annotations

import pytest

from tests.attacks.protected.conftest import Attempt

CODE = """
import pandas as pd
release("table", pd.DataFrame({"n": range({length} if len(found) else 1)}))
"""


@pytest.mark.slow
def test_length(attempt: Attempt) -> None:
    sizes = {len(repr(attempt(CODE.replace("{length}", n)).answer)) for n in ("1", "4999")}
    assert len(sizes) == 1
