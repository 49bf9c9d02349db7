"""The lessons run from top to bottom in a guarded kernel, without a page, on synthetic and on real data."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from kernel_guard.vault.admin import add_dataset, add_grant
from kernel_guard.vault.config import init_folder
from tests.kernel.conftest import guarded_environment
from tests.lib.kernels import OWN
from tests.lib.vaults import POLICY, STUDY, Vault

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
LEAK = next(lesson for lesson in LESSONS if "leak" in lesson.stem)
HOUR = next(lesson for lesson in LESSONS if "hour" in lesson.stem)
RELEASES = [lesson for lesson in LESSONS if lesson.stem.startswith("01_")]  # others have checks of their own


@pytest.fixture(scope="module")
def gibleed(data_folder: Path) -> Iterator[Vault]:
    """GiBleed, a real OMOP 5.3 set, under the name that the lessons open."""
    with tempfile.TemporaryDirectory(prefix="kgv-") as folder:
        settings = init_folder(Path(folder) / "v")
        add_dataset(settings, STUDY, data_folder / "omop_gibleed", POLICY, on_orphans="drop")
        token = add_grant(settings, user="ana", project="p1", studies=[STUDY], purpose="tests", days=1)
        vault = Vault(settings.parent, token)
        process = vault.start()
        yield vault
        process.kill()
        process.wait()


@pytest.mark.parametrize("lesson", RELEASES, ids=lambda path: path.stem)
def test_on_the_synthetic_hospital(lesson: Path, running_vault: Vault) -> None:
    check(run(lesson, running_vault))


@pytest.mark.parametrize("lesson", RELEASES, ids=lambda path: path.stem)
def test_on_real_data(lesson: Path, gibleed: Vault) -> None:
    check(run(lesson, gibleed))


def test_the_first_hour_is_few_releases(running_vault: Vault) -> None:
    before = _spent(running_vault)
    notebook = run(HOUR, running_vault)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error" or OWN + "withheld+json" in o.get("data", {})]
    shown = [o.data[OWN + "release+json"]["statement"] for o in outputs if OWN + "release+json" in o.get("data", {})]
    together = [s for s in shown if "tables" in s]
    assert len(shown) >= 3 and [t["name"] for t in together[0]["tables"]] == ["ages", "sexes"]
    text = "".join(str(o.get("data", {}).get("text/plain", "")) + str(o.get("text", "")) for o in outputs)
    assert "at least two stays" in text and "median [Q1, Q3]" in text and "→ " in text and "Ratio(" in text
    assert _spent(running_vault) - before == 3.5


def _spent(vault: Vault) -> float:
    return float(vault.client().get_json("/v1/budget")["budgets"][0]["epsilon"]["spent"])


def test_nothing_leaks_in_the_lesson_that_tries(running_vault: Vault) -> None:
    notebook = run(LEAK, running_vault)
    kept = nbformat.writes(notebook)
    assert not re.search(r"leak-[0-9a-f]{16}", kept)
    printed = "".join(output.text for cell in notebook.cells for output in cell.get("outputs", []) if "text" in output)
    assert "IT WORKED" not in printed and "9 points; 9 of 9 ways held." in printed


def test_lessons_are_kept_without_outputs() -> None:
    assert LESSONS
    for lesson in LESSONS:
        notebook = nbformat.read(lesson, as_version=4)
        assert notebook.metadata.kernelspec.name == "kernel-guard"
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


def run(lesson: Path, vault: Vault) -> Any:
    notebook = nbformat.read(lesson, as_version=4)
    with guarded_environment(vault) as environment, tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}})
        return client.execute(env={**os.environ, **environment})


def check(notebook: Any) -> None:
    """Releases with their labels were shown, the forged badge was not, the refusals say why."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [output for output in outputs if OWN + "release+json" in output.get("data", {})]
    assert len(shown) >= 4
    assert all(output.metadata.kernel_guard.zone == "release" for output in shown)
    withheld = [
        output.data[OWN + "withheld+json"] for output in outputs if OWN + "withheld+json" in output.get("data", {})
    ]
    assert [one["reason"] for one in withheld] == ["badge"]
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    assert printed.count("PolicyForbids") >= 3 and "One question may cost at most" in printed
    assert printed.count("refused") >= 2
