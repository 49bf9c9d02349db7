"""Rows for protected code: one block for each patient, whoever else is there; stand-ins; open columns only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kernel_guard.plan.protected import ProtectedAsk, TableUse, check_protected
from kernel_guard.vault.runner import rows
from tests.lib.studies import STUDY, write

KEY = b"k" * 32
ASK = ProtectedAsk("s", (TableUse("person"), TableUse("visit", ("lab", "score"))), 'release("a", 1)')
USES = check_protected(ASK, STUDY)


def people(keys: list[int]) -> dict[str, list[dict[str, Any]]]:
    person = [{"pid": k, "sex": "f", "born": None, "height": -9.0 if k % 2 else 170.0, "smoker": True, "name": "secret"}
              for k in keys]  # fmt: skip
    visit = [{"pid": k, "ward": 1, "at": None, "lab": float(k), "score": 99, "text": "secret"}
             for k in keys for _ in range(2)]  # fmt: skip
    return {"person": person, "visit": [*visit, {"pid": None, "ward": 1, "lab": -5.0, "score": 1}]}


def cut(folder: Path, keys: list[int], blocks: int) -> rows.Blocked:
    folder.mkdir(exist_ok=True)
    return rows.load(write(folder, people(keys)), USES, blocks, KEY)


def tables(blocked: rows.Blocked, number: int) -> dict[str, pa.Table]:
    return {name: pa.ipc.open_stream(data).read_all() for name, data in blocked.block(number).items()}


def where(blocked: rows.Blocked, blocks: int) -> dict[float, int]:
    """Patient (told by the lab value) → block."""
    return {lab: b for b in range(blocks) for lab in tables(blocked, b)["visit"]["lab"].to_pylist()}


def test_removing_a_patient_moves_no_other(tmp_path: Path) -> None:
    keys = list(range(100, 300))
    all_of_them = where(cut(tmp_path / "a", keys, 8), 8)
    without = where(cut(tmp_path / "b", [k for k in keys if k != 150], 8), 8)
    assert all_of_them.pop(150.0) in range(8)
    assert without == all_of_them
    assert len(set(without.values())) == 8


def test_a_patient_is_in_one_block_with_all_rows(tmp_path: Path) -> None:
    blocked = cut(tmp_path, list(range(60)), 8)
    for number in range(8):
        found = tables(blocked, number)
        stand_ins = found["person"]["pid"].to_pylist()
        assert sorted(stand_ins) == list(range(1, blocked.patients[number] + 1))
        assert sorted(found["visit"]["pid"].to_pylist()) == sorted(stand_ins * 2)
    assert sum(blocked.patients) == 60


def test_rows_keep_their_patient(tmp_path: Path) -> None:
    found = tables(cut(tmp_path, [7, 8, 9], 1), 0)
    height = dict(zip(found["person"]["pid"].to_pylist(), found["person"]["height"].to_pylist(), strict=True))
    for pid, lab in zip(found["visit"]["pid"].to_pylist(), found["visit"]["lab"].to_pylist(), strict=True):
        assert height[pid] == (170.0 if lab == 8 else None)  # -9 is a code for missing


def test_only_open_and_named_columns(tmp_path: Path) -> None:
    found = tables(cut(tmp_path, [7, 8], 1), 0)
    assert found["person"].column_names == ["pid", "sex", "born", "height", "smoker"]
    assert found["visit"].column_names == ["pid", "lab", "score"]
    assert found["visit"]["score"].to_pylist() == [None] * 4
    assert b"secret" not in b"".join(cut(tmp_path, [7, 8], 1).block(0).values())


def test_an_empty_block_has_its_columns(tmp_path: Path) -> None:
    blocked = cut(tmp_path, [7], 8)
    (empty, *_) = [b for b in range(8) if not blocked.patients[b]]
    assert tables(blocked, empty)["person"].num_rows == 0
    assert tables(blocked, empty)["person"].column_names == ["pid", "sex", "born", "height", "smoker"]


def test_each_question_cuts_anew() -> None:
    keys = {rows.question_key(salt, digest) for salt in (b"a" * 32, b"b" * 32) for digest in ("x", "y")}
    assert len(keys) == 4


@pytest.mark.parametrize("salt", [b"s" * 16, b"s" * 100])
def test_any_salt_will_do(salt: bytes) -> None:
    assert len(rows.question_key(salt, "x")) == 32
