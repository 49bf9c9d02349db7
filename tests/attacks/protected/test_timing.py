"""Sleep as long as the secret says, or end at once.

Source: Haeberlen, Pierce, Narayan 2011. Must be absent: a difference in the time of the answer beyond a tick.
"""

from __future__ import annotations

import pytest

from tests.attacks.protected.conftest import Attempt


@pytest.mark.slow
def test_timing(attempt: Attempt) -> None:
    quick = attempt("", seconds=2)
    endless = attempt("import time; release('control', {'value': number}); time.sleep(600)\n", seconds=2)
    times = [quick.seconds, endless.seconds]
    assert max(times) - min(times) <= 0.6, times  # a tick of the test's clock is 0.5 s
    assert min(times) >= 2
