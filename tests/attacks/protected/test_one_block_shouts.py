"""Let the block that holds the patient answer with a huge number, so that the mean tells that it is there.

Source: Nissim, Raskhodnikova, Smith 2007. Must be absent: more influence than the declared bounds give one block.
"""

from __future__ import annotations

import pytest

from kernel_guard.plan.privacy import exact
from tests.attacks.protected.conftest import Attempt


def test_one_block_shouts(attempt: Attempt) -> None:
    left = attempt.private("1e300 if len(found) else 0.0", epsilon=exact(40))
    value = left.answer.statement["rows"][0][1]
    assert value == pytest.approx(10 / 8, abs=0.5)  # one of eight blocks, clamped to 10
