"""Hand over everybody's mean, and in another run the mean of everybody but one: the difference is that one's value.

Source: Dinur, Nissim 2003. Must be absent: the second table, also where checkers would let it go.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel_guard.errors import PolicyForbids
from kernel_guard.trust.people import Person, Right, Role
from kernel_guard.trust.store.times import utc_now
from kernel_guard.vault.runner import door
from tests.attacks.protected.conftest import Attempt

CODE = """
import pandas as pd
chosen = person[{condition}]
labs = visit[visit["pid"].isin(chosen["pid"])]["lab"]
release("table", pd.DataFrame({{"mean": [labs.mean()]}}), patients=[sorted(map(int, chosen["pid"]))])
"""


def checker(user: str) -> Person:
    soon = utc_now() + timedelta(hours=1)
    return Person(user, user, (Right("p", Role.CHECKER, soon),), True, soon)


def test_difference_of_two_tables(attempt: Attempt) -> None:
    pending = attempt.beside.gate.pending

    def sealed(condition: str) -> str:
        left = attempt(CODE.format(condition=condition))
        (table,) = [w for w in attempt.beside.sealed(left) if w.name == "table"]
        return str(table.id)

    first = sealed("person['pid'] > 0")
    assert door.shown(pending, checker("cem"), first)["evidence"]["differencing"] == {"verdict": "safe"}
    pending.approve(first, checker("cem"))
    released = pending.approve(first, checker("dee"))
    assert released is not None
    assert [rule["rule"] for rule in released.statement["rules"]] == ["output checker", "threshold", "differencing"]
    second = sealed("person['pid'] != 20")
    seen = door.shown(pending, checker("cem"), second)["evidence"]["differencing"]
    assert seen == {"verdict": "isolates", "release": released.id}
    with pytest.raises(PolicyForbids, match="fewer than"):
        pending.approve(second, checker("cem"))
