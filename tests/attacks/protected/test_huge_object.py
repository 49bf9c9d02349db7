"""Hand over far more than the pipe takes, to make the vault slow, large or fall over.

Source: denial of service as a channel. Must be absent: a difference in answer or time; the vault's memory stays.
"""

from __future__ import annotations

import resource

import pytest

from tests.attacks.protected.conftest import Attempt, looks_ordinary
from tests.lib.beside import Left

CODE = """
release("control", {"value": number})
try:
    block = b"[" * (1 << 20)
    for fd in range(3, 64):
        try:
            while True:
                os.write(fd, block)
        except OSError:
            pass
finally:
    pass
"""


@pytest.mark.slow
def test_huge_object(attempt: Attempt, ordinary: Left) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    left = attempt(CODE, survives=False)
    assert looks_ordinary(left, ordinary)
    assert left.seconds == pytest.approx(ordinary.seconds, abs=0.6)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB
