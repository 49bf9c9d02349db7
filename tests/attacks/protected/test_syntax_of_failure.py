"""Fail only when a patient is there: one bit for each run, if failure could be told from success.

Source: Haeberlen, Pierce, Narayan 2011 (state, timing and failure as channels). Must be absent: any difference.
"""

from __future__ import annotations

import pytest

from tests.attacks.protected.conftest import Attempt, looks_ordinary
from tests.lib.beside import Left

CODES = {
    "raises": "1 / 0",
    "exits": "sys.exit(3)",
    "exits hard": "os._exit(77)",
    "is killed": "import signal; os.kill(os.getpid(), signal.SIGKILL)",
    "crashes": "import ctypes; ctypes.string_at(0)",
    "never ends": "while True: pass",
    "closes its pipes": "os.closerange(3, 200)",
}


@pytest.mark.slow
@pytest.mark.parametrize("end", CODES.values(), ids=CODES)
def test_the_end_of_the_code_is_not_told(end: str, attempt: Attempt, ordinary: Left) -> None:
    left = attempt(f"if len(found):\n    {end}\n", survives=False)
    assert looks_ordinary(left, ordinary)
    assert left.seconds == pytest.approx(ordinary.seconds, abs=0.6)
