"""The front end's shapes and texts are the server's: what one side adds, the other may not forget."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from jupyterlab_server.translation_utils import get_language_pack, get_language_packs

from kernel_guard.plan.schema import Category, Column, Study, Table
from kernel_guard.sandbox.report import Attempt, Examined, Report
from kernel_guard.sandbox.spec import Level
from kernel_guard.wrapper.notices import REASONS

EXTENSION = Path(__file__).parents[3] / "extension"
TOKENS = (EXTENSION / "src" / "tokens.ts").read_text()
# What the page does without.
NOT_SHOWN = {
    "IColumn": {"step"},
    "ITable": {"max_rows_per_patient"},
    "IStudy": {"privacy_unit", "cdm_version"},
}


def interface(source: str, name: str) -> set[str]:
    """The field names of a TypeScript interface."""
    body = re.search(rf"export interface {name} \{{\n(.*?)\n\}}", source, re.DOTALL)
    assert body, name
    return set(re.findall(r"^  (\w+)\??:", body[1], re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "kind"), [("IColumn", Column), ("ITable", Table), ("IStudy", Study), ("ICategory", Category)]
)
def test_the_catalogues_types_are_the_schemas(name: str, kind: type) -> None:
    fields = {field.name for field in dataclasses.fields(kind)}
    assert interface(TOKENS, name) == fields - NOT_SHOWN.get(name, set())


def test_the_doctors_types_are_its_reports() -> None:
    source = (EXTENSION / "src" / "models" / "doctor.ts").read_text()
    examined = Examined("bwrap", Level.G4, (Attempt("files", "read", True),))
    report = Report((examined,), (), {}).to_json()
    assert interface(source, "IDoctor") == set(report)
    assert interface(source, "IRung") == set(report["rungs"][0])
    assert interface(source, "IAttempt") == set(report["rungs"][0]["attempts"][0])


def test_every_reason_to_withhold_is_explained_in_the_guards_own_words() -> None:
    source = (EXTENSION / "src" / "models" / "withheld.ts").read_text()
    assert set(re.findall(r"case '(\w+)':", source)) == set(REASONS)
    for what, hint in REASONS.values():
        for text in (what, hint):
            assert text in source or text.replace("'", "’") in source, text


def test_jupyterlab_offers_chinese_and_finds_our_strings() -> None:
    packs, message = get_language_packs()
    assert "zh_CN" in packs and not message
    strings, message = get_language_pack("zh_CN")
    assert not message
    file = EXTENSION.parent / "kernel_guard/server/locale/zh_CN/LC_MESSAGES/kernel_guard.json"
    ours = json.loads(file.read_text(encoding="utf-8"))
    assert strings["kernel_guard"] == ours and len(ours) > 300
