"""Take all memory, so that others of the machine feel it.

Source: denial of service as a channel. Must be absent: a difference in answer or time.
"""

from __future__ import annotations

import pytest

from tests.attacks.protected.conftest import Attempt, looks_ordinary
from tests.lib.beside import Left

CODE = """
release("control", {"value": number})
kept = []
while True:
    try:
        kept.append(bytearray(1 << 26))
        for i in range(0, 1 << 26, 4096):
            kept[-1][i] = 1
    except MemoryError:
        pass
"""


@pytest.mark.slow
def test_memory(attempt: Attempt, ordinary: Left) -> None:
    left = attempt(CODE, survives=False)
    assert looks_ordinary(left, ordinary)
    assert left.seconds == pytest.approx(ordinary.seconds, abs=0.6)
