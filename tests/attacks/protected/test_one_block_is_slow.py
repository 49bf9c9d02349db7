"""Let the block that holds the patient sleep, die, or answer nonsense, and read time and answer.

Source: Haeberlen, Pierce, Narayan 2011. Must be absent: a later answer; anything but the declared default for it.
"""

from __future__ import annotations

import pytest

from kernel_guard.plan.privacy import exact
from tests.attacks.protected.conftest import Attempt

TRICKS = {
    "sleeps": "__import__('time').sleep(60)",
    "dies": "os._exit(9)",
    "answers nonsense": "float('nan')",
}
CODE = """
answer = 0.0
if len(found):
    answer = {trick}
answer
"""


@pytest.mark.slow
@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_one_block_is_slow(trick: str, attempt: Attempt) -> None:
    left = attempt.private(CODE.replace("{trick}", trick), epsilon=exact(40))
    value = left.answer.statement["rows"][0][1]
    assert value == pytest.approx(5 / 8, abs=0.5)  # the default, 5, from one of eight blocks
