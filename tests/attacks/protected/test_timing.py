"""Sleep as long as the secret says, or end at once.

Source: Haeberlen, Pierce, Narayan 2011. Must be absent: a difference in the time of the answer beyond a tick.
"""

from __future__ import annotations

import pytest

from kernel_guard.vault.runner import route
from tests.attacks.protected.conftest import Attempt


@pytest.mark.slow
def test_timing(attempt: Attempt) -> None:
    quick = attempt("", seconds=2)
    endless = attempt("import time; release('control', {'value': number}); time.sleep(600)\n", seconds=2)
    times = [quick.seconds, endless.seconds]
    assert max(times) - min(times) <= 0.6, times  # a tick of the test's clock is 0.5 s
    assert min(times) >= 2


def test_nothing_is_listed_before_the_clock(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second session that asks all the time does not see when the objects were written, or the lock is another's."""
    beside, seen = attempt.beside, []
    wait = route._wait_for_the_clock

    def look_and_wait(began: float) -> None:
        runs = beside.gate.protected_objects(beside.token)
        seen.append((len(runs), beside.gate._protected._turns.taken))
        wait(began)

    before = len(beside.gate.protected_objects(beside.token))
    monkeypatch.setattr(route, "_wait_for_the_clock", look_and_wait)
    attempt("")
    assert seen == [(before, True)]
    assert len(beside.gate.protected_objects(beside.token)) == before + 1
