"""A notebook that ran in a guarded kernel, saved as a server saves it and verified as a reader would."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from typer.testing import CliRunner

from kernel_guard.cli.main import cli
from kernel_guard.wrapper.notebook.admission import Admission
from tests.kernel.conftest import guarded_environment
from tests.lib.vaults import Vault

CELLS = [
    "import kernel_guard.client as kg; person = kg.open('demo-hospital').person",
    "print('before anything was released')",
    "released = person.groupby('gender_concept_id').count_patients().release(epsilon=0.125); released",
    "import sys, time\nfor i in range(5): print('\\r', i, 'of 5', end='', flush=True); time.sleep(.02)\nprint()\n"
    "print('warning', file=sys.stderr)\nreleased.iloc[:, -1] * 2",
    "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
    "import pandas as pd; display({'application/json': {'a': 1.0}}, raw=True); pd.DataFrame({'x': [1.5, 2.0]})",
    "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    print('caught')\nprint('not caught'); out",
    "from IPython.display import clear_output\nprint('gone'); clear_output(wait=True); print('stays')",
    "import threading\nthreading.Thread(target=lambda: (time.sleep(.6), print('late'))).start()",
    "time.sleep(1.5); {}['missing']",
]


@pytest.fixture(scope="module")
def place(running_vault: Vault) -> Iterator[dict[str, str]]:
    with guarded_environment(running_vault) as environment:
        yield environment


@pytest.fixture(scope="module")
def ran(place: dict[str, str]) -> dict[str, Any]:
    """The notebook as a front end holds it after running."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CELLS])
    notebook.metadata.kernelspec = {"name": "kernel-guard", "display_name": "x", "language": "python"}
    NotebookClient(notebook, timeout=120, allow_errors=True).execute(env={**os.environ, **place})
    held: dict[str, Any] = json.loads(nbformat.writes(notebook))
    return held


@pytest.fixture
def saved(ran: dict[str, Any], place: dict[str, str]) -> dict[str, Any]:
    return Admission(place["KERNEL_GUARD_KEY_FILE"])(copy.deepcopy(ran))


def verify(notebook: dict[str, Any], place: dict[str, str], folder: Path, *options: str) -> tuple[int, str]:
    path = folder / "n.ipynb"
    path.write_text(json.dumps(notebook))
    key = place["KERNEL_GUARD_KEY_FILE"].replace(".key", ".pub")
    done = CliRunner().invoke(cli, ["verify", str(path), "--key", key, *options])
    return done.exit_code, done.output


def test_nothing_that_was_shown_is_lost(ran: dict[str, Any], saved: dict[str, Any]) -> None:
    for before, after in zip(ran["cells"], saved["cells"], strict=True):
        assert [o["output_type"] for o in after["outputs"]] == [o["output_type"] for o in before["outputs"]]
        assert [o.get("text", o.get("data", o.get("evalue"))) for o in after["outputs"]] == [
            o.get("text", o.get("data", o.get("evalue"))) for o in before["outputs"]
        ]
    assert "withheld" not in json.dumps(saved["cells"])


def test_each_output_says_what_it_is(saved: dict[str, Any], place: dict[str, str], tmp_path: Path) -> None:
    code, text = verify(saved, place, tmp_path)
    assert code == 0, text
    assert "cell 2, output 1 (stream): computed in the open zone from no release" in text
    assert "cell 3, output 1 (execute_result): released by the vault and untouched since" in text
    assert "cell 4, output 1 (stream): computed in the open zone from at most release " in text
    assert "(error): computed in the open zone" in text and "1 released" in text


def test_json_for_a_program(saved: dict[str, Any], place: dict[str, str], tmp_path: Path) -> None:
    saved["cells"][1]["outputs"][0]["text"] = "12 patients"
    code, text = verify(saved, place, tmp_path, "--json")
    found = json.loads(text)
    assert code == 1 and found["proven"] is False
    assert [o["cell"] for o in found["outputs"] if o["verdict"] == "not_ours"] == [2]
    assert "12 patients" not in text


def test_a_notebook_that_a_plain_kernel_ran_is_not_ours(place: dict[str, str], tmp_path: Path) -> None:
    output = nbformat.v4.new_output("stream", text="12 patients")
    cell = nbformat.v4.new_code_cell("x", outputs=[output])
    notebook = json.loads(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))
    code, text = verify(notebook, place, tmp_path)
    assert code == 1 and "not ours" in text
    assert "12 patients" not in json.dumps(Admission(place["KERNEL_GUARD_KEY_FILE"])(notebook))


def test_what_is_no_notebook_is_refused(place: dict[str, str], tmp_path: Path) -> None:
    for name, content in (("a.ipynb", "{"), ("b.ipynb", "[" * 100_000), ("c.txt", "{}")):
        (tmp_path / name).write_text(content)
        key = place["KERNEL_GUARD_KEY_FILE"].replace(".key", ".pub")
        assert CliRunner().invoke(cli, ["verify", str(tmp_path / name), "--key", key]).exit_code == 1
