"""Leave a process behind that outlives the run and waits for the next one.

Source: sandbox escapes by daemons. Must be absent: the process.
"""

from __future__ import annotations

from tests.attacks.protected.conftest import Attempt
from tests.attacks.protected.test_fork_bomb import survivors

CODE = """
import ctypes, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(600)
    os._exit(0)
"""


def test_daemon(attempt: Attempt) -> None:
    attempt(CODE)
    assert not survivors()
