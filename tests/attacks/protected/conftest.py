"""One vault for all attacks of protected code, with the shortest clock that still tells one tick from the next."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernel_guard.vault.runner import route
from tests.lib.beside import CANARY, CANARY_NUMBER, Beside, Left, make_beside

FORMS = [CANARY, CANARY[::-1], CANARY.encode().hex(), str(CANARY_NUMBER), "87654321"]


@pytest.fixture(scope="session")
def made_beside() -> Iterator[Beside]:
    folder = Path(tempfile.mkdtemp(prefix="kgb-"))
    beside = make_beside(folder / "v")
    yield beside
    beside.gate.close()
    beside.parts.store.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def beside(made_beside: Beside, monkeypatch: pytest.MonkeyPatch) -> Beside:
    monkeypatch.setattr(route, "QUANTUM", 0.5)
    return made_beside


class Attempt:
    """Runs an attack and asserts that the canary is in nothing that left."""

    def __init__(self, beside: Beside) -> None:
        self.beside = beside

    def __call__(self, code: str, *, seconds: int = 2, survives: bool = True) -> Left:
        """`secret` and `number` are in the row with the canary. Proves by a sealed object that the code had them.

        `survives` is False for an attack that its own process does not live through.
        """
        left = self.check(self.beside.run(self.beside.ask(_SETTING + code + _ENDING, seconds=seconds)))
        if survives:
            (control,) = [w.content for w in self.beside.sealed(left) if w.name == "control"]
            assert control is not None, "the attack did not run to its end"
            assert control["rows"][0][-1] == pytest.approx(CANARY_NUMBER, rel=1e-5)
        return left

    def private(self, code: str, **options: Any) -> Left:
        """The same over eight blocks, with the answer released at once."""
        return self.check(self.beside.run(self.beside.private(_SETTING + code, **options)))

    def check(self, left: Left) -> Left:
        for form in FORMS:
            assert form.encode() not in left.everything, form
        return left


_SETTING = f"""
import os, sys
found = visit[visit.text == "{CANARY[:7]}" + "{CANARY[7:]}"]
secret = found.text.iloc[0] if len(found) else "nothing"
number = float(found.lab.iloc[0]) if len(found) else 0.0
"""
_ENDING = '\nrelease("control", {"value": number})\n'


@pytest.fixture
def attempt(beside: Beside) -> Attempt:
    return Attempt(beside)


@pytest.fixture(scope="session")
def ordinary(made_beside: Beside) -> Left:
    """A run that attacks nothing: what an attack's run must look like."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(route, "QUANTUM", 0.5)
        return Attempt(made_beside)("")


def looks_ordinary(left: Left, ordinary: Left) -> bool:
    """Whether a run cannot be told from an ordinary one, but for its random name."""
    same = {key: value for key, value in left.answer.items() if key != "run"}
    return same == {key: value for key, value in ordinary.answer.items() if key != "run"} and not left.refusal
