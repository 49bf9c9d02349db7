"""Hand objects over under names that spell the row.

Source: channels in metadata. Must be absent: names that the code's text does not hold, also for a checker.
"""

from __future__ import annotations

import pytest

from kernel_guard.errors import PlanError
from tests.attacks.protected.conftest import Attempt

CODE = """
hand = release
for name in (secret, secret.replace("-", "_"), "x" + secret.encode().hex()):
    hand(name, {"value": 1})
globals()["release"]("late_" + secret[:6], {"value": 1})
"""


def test_object_name(attempt: Attempt) -> None:
    left = attempt(CODE)
    assert left.answer["names"] == ["control"]
    assert [w.name for w in attempt.beside.sealed(left)] == ["control"]


def test_a_computed_name_is_refused_before_it_runs(attempt: Attempt) -> None:
    with pytest.raises(PlanError, match="must be a name in quotes"):
        attempt("release(secret, 1)")
