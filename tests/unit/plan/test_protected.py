"""The first line of a protected cell, and what is declared before anything runs."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kernel_guard.errors import PlanError
from kernel_guard.plan.codec import dumps_protected, loads_protected
from kernel_guard.plan.protected import Output, ProtectedAsk, SampleAndAggregate, TableUse, releases_of
from kernel_guard.plan.protected_line import is_protected, parse_line, split

RELEASE = 'release("a", 1)'


def test_a_line_for_a_checker() -> None:
    ask = parse_line("study.person study.visit[ward, lab] seconds=5").ask(RELEASE, ["s"])
    assert ask == ProtectedAsk("s", (TableUse("person"), TableUse("visit", ("ward", "lab"))), RELEASE, seconds=5)


def test_a_line_for_a_private_answer() -> None:
    line = "--private epsilon=1/2 blocks=32 bounds=auc:0.5:1,n:0:10 default=n:3 combine=median seconds=0.5 s-1.person"
    private = parse_line(line).ask("x", ["s-1", "s-2"]).private
    outputs = (Output("auc", 0.5, 1, 0.75), Output("n", 0, 10, 3))
    assert private == SampleAndAggregate(Fraction(1, 2), 32, outputs, "median", 0.5)


def test_it_comes_back_from_its_bytes() -> None:
    ask = parse_line("--private epsilon=1 bounds=0:10 study.person").ask("person.lab.mean()", ["s"])
    assert loads_protected(dumps_protected(ask)) == ask


@pytest.mark.parametrize(
    "line, what",
    [
        ("", "needs the tables"),
        ("person", "does not know 'person'"),
        ("study.person --privat", "does not know"),
        ("study.person epsilon=1", "is for private runs"),
        ("--private study.person bounds=0:1", "needs epsilon"),
        ("--private study.person epsilon=1", "needs bounds"),
        ("--private study.person epsilon=1 bounds=1:0", "in order"),
        ("--private study.person epsilon=1 bounds=0:nan", "must be a number"),
        ("--private study.person epsilon=1 bounds=0:1,2:3", "lower:upper"),
        ("--private study.person epsilon=1 bounds=a:0:1 default=b:1", "has no bounds"),
        ("--private study.person epsilon=1 bounds=0:1 default=2", "within its bounds"),
        ("--private study.person epsilon=0 bounds=0:1", "above 0"),
        ("--private study.person epsilon=1 bounds=0:1 blocks=2", "number of blocks"),
        ("--private study.person epsilon=1 bounds=0:1 blocks=512 seconds=60", "All blocks together"),
        ("--private study.person epsilon=1 bounds=0:1 combine=max", "mean or median"),
        ("study.person other.visit", "one study"),
        ("other.person", "no study 'other'"),
        ("study.person study.person", "different tables"),
        ("study.person seconds=9999", "1 to 600"),
    ],
)
def test_a_wrong_line_says_what_is_wrong(line: str, what: str) -> None:
    with pytest.raises(PlanError, match=what):
        parse_line(line).ask(RELEASE, ["s"])


def test_two_studies_must_be_named() -> None:
    with pytest.raises(PlanError, match="no study 'study'"):
        parse_line("study.person").ask(RELEASE, ["s", "t"])


def test_names_of_releases_are_those_of_the_text() -> None:
    code = 'if x:\n    release("b", 1)\nrelease("a", 2); release("b", 3)'
    assert releases_of(code) == ("b", "a")


@pytest.mark.parametrize("code", ["release(name, 1)", "release(f'{x}', 1)", "release()", "release('two words', 1)"])
def test_a_name_that_data_could_choose_is_refused(code: str) -> None:
    with pytest.raises(PlanError, match="must be a name in quotes"):
        releases_of(code)


@pytest.mark.parametrize("code", ["", "def", "x = '", "(" * 500, "\0"])
def test_what_is_not_python_is_refused(code: str) -> None:
    with pytest.raises(PlanError):
        parse_line("study.person").ask(code, ["s"])


def test_code_that_releases_nothing_is_refused() -> None:
    with pytest.raises(PlanError, match="releases nothing"):
        parse_line("study.person").ask("person.mean()", ["s"])


def test_recognising_a_cell() -> None:
    assert is_protected("%%protected study.person\nx") and is_protected("%%protected\n")
    assert is_protected("\n  %%protected study.person\nx")
    assert not is_protected("%%protectedly\nx") and not is_protected("x %%protected") and not is_protected("x")
    assert split("\n%%protected study.person \nx\ny") == ("study.person", "x\ny")
