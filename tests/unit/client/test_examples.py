"""Every example in a public docstring runs and says what it shows."""

from __future__ import annotations

import doctest
import inspect
import sys

import pytest

import kernel_guard.client as kg
import kernel_guard.client.planner  # noqa: F401 (its examples run below)
from kernel_guard.client.session import Session
from tests.unit.client.fakes import FakeVault

MODULES = (
    "asking", "cohort", "column", "crosstab", "expression", "frame", "grouped", "planner", "query", "session",
    "statistics", "summaries", "table_one", "together",
)  # fmt: skip
VERBS = ("attrition", "correlation", "crosstab", "missing", "table_one", "together")


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    session = Session(FakeVault())
    study = session.open("demo")
    names: dict[str, object] = {"session": session, "study": study, "person": study["person"], "visit": study["visit"]}
    module = sys.modules[f"kernel_guard.client.{name}"]
    names |= {verb: getattr(kg, verb) for verb in VERBS}
    found = [t for t in doctest.DocTestFinder().find(module, extraglobs=names) if t.examples]
    assert found
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in found:
        assert runner.run(test).failed == 0, test.name


def test_every_public_verb_says_what_it_does() -> None:
    silent = []
    for cls in (kg.Frame, kg.Query, kg.Session, kg.Study):
        for name, member in inspect.getmembers(cls, inspect.isfunction):
            if not name.startswith("_") and not inspect.getdoc(member):
                silent.append(f"{cls.__name__}.{name}")
    assert not silent
