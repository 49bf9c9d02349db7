"""Send signals to the vault and to everything else, in a pattern that spells the row.

Source: sandbox escapes by signals. Must be absent: any signal; the vault lives and notices nothing.
"""

from __future__ import annotations

import os
import signal

from tests.attacks.protected.conftest import Attempt

CODE = """
import signal
signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # a thread of its own may be hit
for pid in [{vault}, os.getppid(), 1, -1, *range(2, 400)]:
    for which in (0, signal.SIGUSR1):
        try:
            os.kill(pid, which)
        except OSError:
            pass
reached = False
try:
    os.kill({vault}, 0)
    reached = {vault} != 1 and os.path.exists("/proc/{vault}")
except OSError:
    pass
assert not reached
"""


def test_signal(attempt: Attempt) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    try:
        attempt(CODE.replace("{vault}", str(os.getpid())))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert not heard
