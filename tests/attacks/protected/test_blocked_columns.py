"""Read a column that the data owner blocked, and the patients' own keys.

Source: more data than was granted. Must be absent: the column, its values, and keys that mean anything outside.
"""

from __future__ import annotations

import pytest

from kernel_guard.errors import PlanError
from kernel_guard.plan.protected import TableUse
from tests.attacks.protected.conftest import Attempt


def test_blocked_columns(attempt: Attempt) -> None:
    attempt("assert 'name' not in person and not person.astype(str).map(lambda v: 'name' in v).any(axis=None)")
    attempt("assert set(person.pid) == set(range(1, 161)) and set(visit.pid) == set(range(1, 161))")


def test_asking_for_one_is_refused(attempt: Attempt) -> None:
    use = TableUse("person", ("name",))
    with pytest.raises(PlanError, match="blocked"):
        attempt.beside.gate.run_protected(attempt.beside.token, attempt.beside.ask("release('a', 1)", tables=(use,)))
