"""What a saved notebook proves: every output as it was shown is proven, every other is not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kernel_guard.trust.labels import KEY
from kernel_guard.wrapper.labels import Labeller
from kernel_guard.wrapper.notebook.admission import Admission
from kernel_guard.wrapper.notebook.judge import Judge
from kernel_guard.wrapper.notebook.notice import replacement
from kernel_guard.wrapper.notebook.report import examine
from kernel_guard.wrapper.published_key import MOST_KEYS, publish, read_public_keys
from kernel_guard.wrapper.seals import CellRecord, Journal
from kernel_guard.wrapper.settings import public_file
from tests.lib.guarded import published

CODE = "fit(x)"
ERROR = {"ename": "KeyError", "evalue": "'a'", "traceback": ["line one", "line two"]}


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "wrapper.key"


@pytest.fixture
def notebook(key_file: Path) -> dict[str, Any]:
    """A notebook with each kind of output, as JupyterLab would save it; its seal is in the journal."""
    labeller = Labeller(published(key_file))
    record = CellRecord()
    for piece in ("one\n", "two\r", "three\n"):
        record.stream("stdout", piece)
    record.stream("stderr", "a warning\n")
    record.error(ERROR)
    Journal(str(key_file), "k1", labeller).write(record, CODE, ["r1"])
    shown = {"text/plain": "0.5\n1.5", "application/json": {"mean": 1.0, "big": 2**60 + 1}}
    saved = {"text/plain": ["0.5\n", "1.5"], "application/json": {"mean": 1, "big": float(2**60 + 1)}}
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["one\n", "three\n"]},
        {"output_type": "display_data", "data": saved, "metadata": {KEY: labeller.label("open", shown, CODE, ["r1"])}},
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "data": {"text/plain": "12"},
            "metadata": {KEY: labeller.label("release", {"text/plain": "12"}, CODE, ["r1", "r2"])},
        },
        {"output_type": "stream", "name": "stderr", "text": "a warning\n"},
        {"output_type": "error", **ERROR},
    ]
    cell = {"cell_type": "code", "metadata": {}, "source": CODE, "outputs": outputs, "execution_count": 1}
    text = {"cell_type": "markdown", "metadata": {}, "source": "text"}
    return {"cells": [text, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def outputs_of(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    outputs: list[dict[str, Any]] = notebook["cells"][1]["outputs"]
    return outputs


def test_what_was_shown_is_kept_and_proven_offline(notebook: dict[str, Any], key_file: Path) -> None:
    saved = Admission(key_file)(notebook)
    assert outputs_of(saved) == outputs_of(notebook)
    report = examine(json.loads(json.dumps(saved)), read_public_keys([public_file(key_file)]))
    assert [line.verdict.kind for line in report.lines] == ["open", "open", "released", "open", "open"]
    assert report.ok and all(line.verdict.code_unchanged for line in report.lines)
    assert "released by the vault and untouched" in str(report) and "at most release r1" in str(report)


def test_saving_again_changes_nothing(notebook: dict[str, Any], key_file: Path) -> None:
    saved = Admission(key_file)(notebook)
    for journal in key_file.with_name("seals").iterdir():
        journal.unlink()
    assert Admission(key_file)(copy.deepcopy(saved)) == saved


def test_code_that_was_changed_afterwards_is_said(notebook: dict[str, Any], key_file: Path) -> None:
    notebook["cells"][1]["source"] = "something_else()"
    report = examine(Admission(key_file)(notebook), read_public_keys([public_file(key_file)]))
    assert report.ok and "code was changed after it ran" in str(report)


def _change(path: str, value: Any) -> Callable[[list[dict[str, Any]]], None]:
    def change(outputs: list[dict[str, Any]]) -> None:
        *parents, last = path.split("/")
        target: Any = outputs
        for part in parents:
            target = target[int(part)] if part.isdigit() else target[part.replace("~", "/")]
        target[int(last) if last.isdigit() else last.replace("~", "/")] = value

    return change


CHANGES = {
    "a number in text": (1, _change("1/data/text~plain", "0.6\n1.5")),
    "a number in JSON": (1, _change("1/data/application~json", {"mean": 2, "big": 2**60 + 1})),
    "a type beside it": (1, _change("1/data/image~png", "iVBOR")),
    "the zone": (1, _change("1/metadata/kernel_guard/zone", "release")),
    "the releases": (2, _change("2/metadata/kernel_guard/releases", ["r9"])),
    "the time": (2, _change("2/metadata/kernel_guard/time", "2001-01-01T00:00:00Z")),
    "no label": (2, _change("2/metadata", {})),
    "another key's name": (2, _change("2/metadata/kernel_guard/keyid", "0" * 32)),
    "no signature": (2, _change("2/metadata/kernel_guard/signature", "")),
    "printed text": (0, _change("0/text", "one\nfour\n")),
    "more printed text": (0, _change("0/text", "one\nthree\nfour\n")),
    "the other stream": (3, _change("3/name", "stdout")),
    "an error's text": (4, _change("4/evalue", "'b'")),
    "an error's traceback": (4, _change("4/traceback", [])),
    "a strange type": (4, _change("4/output_type", "strange")),
    "a label that is no label": (1, _change("1/metadata/kernel_guard", ["zone"])),
    "an output that is no output": (1, _change("1", "text")),
    "deep nesting": (1, _change("1/data/application~json", json.loads("[" * 900 + "]" * 900))),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_output_is_not_ours(notebook: dict[str, Any], key_file: Path, name: str) -> None:
    at, change = CHANGES[name]
    changed = copy.deepcopy(notebook)
    change(outputs_of(changed))
    keys = read_public_keys([public_file(key_file)])
    changed["cells"][1]["metadata"] = Admission(key_file)(notebook)["cells"][1]["metadata"]
    assert Judge(keys).cell(changed["cells"][1])[at].kind == "not_ours"
    assert not examine(changed, keys).ok
    kept = outputs_of(Admission(key_file)(changed))[at]
    assert kept == replacement()


def test_the_notice_itself_stays_but_no_other_text_in_its_name(notebook: dict[str, Any], key_file: Path) -> None:
    forged = replacement()
    forged["data"]["text/plain"] += " 12 patients"
    notebook["cells"][1]["outputs"] = [replacement(), forged]
    assert outputs_of(Admission(key_file)(notebook)) == [replacement(), replacement()]
    assert "12 patients" not in json.dumps(Admission(key_file)(notebook))


def test_metadata_that_nothing_vouches_for_goes(notebook: dict[str, Any], key_file: Path) -> None:
    outputs_of(notebook)[1]["metadata"]["smuggled"] = "12 patients"
    outputs_of(notebook)[0]["metadata"] = {"smuggled": "12 patients"}
    outputs_of(notebook)[2]["more"] = "12 patients"
    notebook["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "12 patients"}]
    saved = Admission(key_file)(notebook)
    assert "12 patients" not in json.dumps(saved)
    assert [output["output_type"] for output in outputs_of(saved)] == [o["output_type"] for o in outputs_of(notebook)]


def test_the_state_of_widgets_is_not_saved_and_proves_nothing(notebook: dict[str, Any], key_file: Path) -> None:
    saved = Admission(key_file)(notebook)
    caught = {"output_type": "stream", "name": "stdout", "text": "12 patients"}
    state = {"state": {"m": {"model_name": "OutputModel", "state": {"outputs": [caught]}}}}
    with_widgets = {**saved, "metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": state}}}
    keys = read_public_keys([public_file(key_file)])
    assert examine(saved, keys).ok and not examine(with_widgets, keys).ok
    assert "state of widgets" in str(examine(with_widgets, keys))
    assert "12 patients" not in json.dumps(Admission(key_file)(with_widgets))


def test_keys_of_earlier_kernels_stay_until_there_are_too_many(key_file: Path) -> None:
    first = published(key_file)
    lines = public_file(key_file).read_text()
    public_file(key_file).write_text(lines + "".join(f"{number:064x}\n" for number in range(MOST_KEYS - 2)))
    second = published(key_file)
    assert {first.keyid, second.keyid} <= set(read_public_keys([public_file(key_file)]))
    third = published(key_file)
    found = read_public_keys([public_file(key_file)])
    assert {second.keyid, third.keyid} <= set(found) and first.keyid not in found


def test_a_list_that_is_a_link_is_not_written_to(key_file: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("")
    public_file(key_file).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        publish(b"k" * 32, key_file)
    assert not (tmp_path / "elsewhere").read_text()


def test_keys_of_somebody_else_prove_nothing(notebook: dict[str, Any], key_file: Path, tmp_path: Path) -> None:
    saved = Admission(key_file)(notebook)
    (tmp_path / "other").mkdir()
    published(tmp_path / "other" / "wrapper.key")
    report = examine(saved, read_public_keys([tmp_path / "other" / "wrapper.pub"]))
    assert {line.verdict.kind for line in report.lines} == {"not_ours"}


def test_every_state_while_a_cell_runs_may_be_saved(key_file: Path) -> None:
    labeller, record = Labeller(published(key_file)), CellRecord()
    journal = Journal(str(key_file), "k1", labeller)
    text = ""
    for number in range(10):
        text += f"{number}\n"
        record.stream("stdout", f"{number}\n")
        if number % 4 == 3:
            journal.write(record, CODE, [])
    journal.write(record, CODE, [])
    for lines in range(1, 11):
        output = {"output_type": "stream", "name": "stdout", "text": "".join(f"{n}\n" for n in range(lines))}
        cell = {"cell_type": "code", "metadata": {}, "source": CODE, "outputs": [output]}
        assert Admission(key_file)({"cells": [cell]})["cells"][0]["outputs"] == [output]


def test_clearing_begins_anew(key_file: Path) -> None:
    record = CellRecord()
    record.stream("stdout", "before")
    record.clear(wait=True)
    record.stream("stdout", "after")
    assert record.take() == (_only("after"), [])
    record.clear(wait=False)
    assert record.take() == ({}, [])


def _only(text: str) -> dict[str, list[str]]:
    record = CellRecord()
    record.stream("stdout", text)
    return record.take()[0]


def test_a_journal_that_is_half_written_or_nonsense_is_read_as_far_as_it_goes(
    notebook: dict[str, Any], key_file: Path
) -> None:
    (journal,) = key_file.with_name("seals").iterdir()
    good = journal.read_bytes()
    journal.write_bytes(b"nonsense\n[1]\n" + good[:40])
    admission = Admission(key_file)
    assert outputs_of(admission(notebook))[0] == replacement()
    journal.write_bytes(b"nonsense\n[1]\n" + good)
    assert outputs_of(admission(notebook))[0] == outputs_of(notebook)[0]
