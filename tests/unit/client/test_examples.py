"""Every example in a public docstring runs and says what it shows."""

from __future__ import annotations

import doctest

import pytest

from kernel_guard.client import column, frame, grouped, query, session
from kernel_guard.client.frame import crosstab
from kernel_guard.client.session import Session
from tests.unit.client.fakes import FakeVault


@pytest.mark.parametrize("module", [column, frame, grouped, query, session], ids=lambda m: m.__name__)
def test_examples(module: object) -> None:
    opened = Session(FakeVault())
    study = opened.open("demo")
    names = {
        "session": opened,
        "study": study,
        "person": study["person"],
        "visit": study["visit"],
        "crosstab": crosstab,
    }
    found = [t for t in doctest.DocTestFinder().find(module, globs=names) if t.examples]
    assert found
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in found:
        assert runner.run(test).failed == 0, test.name
