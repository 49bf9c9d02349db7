"""From one block, find the rows of another: memory, files, processes, shared memory.

Source: Mohan et al. 2012, section 4 (state between blocks). Must be absent: other blocks' patients, and messages.
"""

from __future__ import annotations

import pytest

from kernel_guard.plan.privacy import exact
from tests.attacks.protected.conftest import Attempt

CODE = """
import glob, tempfile
shared = tempfile.gettempdir()
places = glob.glob(shared + "/*") + glob.glob("/dev/shm/*") + glob.glob(os.environ["HOME"] + "/*")
with open(shared + "/message", "w") as file:
    file.write("x")
alive = [p for p in os.listdir("/proc") if p.isdigit()]
# 8 when all is as it should be: nothing of another block, few processes, a part of the patients.
8 if not places and len(alive) <= 4 and 0 < len(person) < 60 and set(visit.pid) <= set(person.pid) else 0
"""


def test_other_blocks(attempt: Attempt) -> None:
    left = attempt.private(CODE, epsilon=exact(40))
    value = left.answer.statement["rows"][0][1]
    assert value == pytest.approx(8, abs=0.5)
