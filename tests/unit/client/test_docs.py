"""The examples of the documentation run."""

from __future__ import annotations

import re
from pathlib import Path

import kernel_guard.client as kg
from kernel_guard.client.session import Session
from tests.unit.client.fakes import FakeVault

PAGE = (Path(__file__).parents[3] / "docs" / "tables.md").read_text(encoding="utf-8")


def test_the_examples_of_the_tables_page_run() -> None:
    vault = FakeVault()
    study = Session(vault).open("demo")
    names = {"kg": kg, "person": study["person"], "visit": study["visit"]}
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    for block in blocks:
        exec(compile(block, "docs/tables.md", "exec"), names)
    assert len(blocks) >= 3 and len([path for path, _ in vault.asked if path == "/v1/releases"]) == len(blocks)


def test_every_verb_of_the_page_exists() -> None:
    named = set(re.findall(r"`kg\.(\w+)\(", PAGE))
    assert len(named) > 8 and not [name for name in named if not hasattr(kg, name)]
    frame = Session(FakeVault()).open("demo")["visit"]
    methods = set(re.findall(r"`frame\.(\w+)\(", PAGE))
    assert methods and not [name for name in methods if not hasattr(frame, name)]
