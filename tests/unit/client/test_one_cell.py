"""`%%together`: the questions of a cell become one release, and their names its tables."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from kernel_guard.client.frame import Frame
from kernel_guard.client.one_cell import together
from kernel_guard.errors import PlanError
from kernel_guard.plan.composed import ComposedAsk
from tests.unit.client.fakes import FakeVault

CELL = """
sexes = person["sex"].value_counts()
births = person["year_of_birth"].hist(bins=2)
number = 3
"""


@pytest.fixture
def shell(person: Frame) -> InteractiveShell:
    made = InteractiveShell()
    made.user_ns["person"] = person
    return made


def test_the_questions_of_a_cell_are_one_release(shell: InteractiveShell, vault: FakeVault) -> None:
    found = together(shell, "epsilon=1/2 rows=2", CELL)
    (asked,) = [ask for path, ask in vault.asked if path == "/v1/releases"]
    assert isinstance(asked, ComposedAsk) and [t.name for t in asked.tables] == ["sexes", "births"]
    assert float(asked.epsilon or 0) == 0.5 and asked.contribution is not None
    assert shell.user_ns["sexes"].loc["F"] == found["sexes"].loc["F"] and shell.user_ns["number"] == 3


def test_what_it_does_not_know_is_refused_before_anything_is_asked(shell: InteractiveShell, vault: FakeVault) -> None:
    for line, cell in (("epsilon=1 weights=2", CELL), ("epsilon=1", "number = 3")):
        with pytest.raises(PlanError):
            together(shell, line, cell)
    assert not vault.asked
