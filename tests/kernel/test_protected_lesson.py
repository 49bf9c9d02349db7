"""The lesson on protected code runs from top to bottom in a guarded kernel."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.kernel.test_lessons import LESSONS, run
from tests.lib.kernels import OWN
from tests.lib.vaults import POLICY, make_vault

(LESSON,) = [lesson for lesson in LESSONS if lesson.stem.startswith("06_")]


@pytest.mark.slow
def test_the_lesson() -> None:
    with tempfile.TemporaryDirectory(prefix="kgv-") as folder:
        vault = make_vault(Path(folder), policy={**POLICY, "protected": ["private", "review"]})
        process = vault.start()
        try:
            notebook = run(LESSON, vault)
        finally:
            process.kill()
            process.wait()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [output for output in outputs if OWN + "release+json" in output.get("data", {})]
    assert len(shown) == 2
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    assert printed.count("MOCK rows give") == 3 and "500 mock rows" in printed
    assert "found one" not in printed and not any(output.output_type == "error" for output in outputs)
    assert printed.count("you read this once") == 1
    assert "pending" in str(outputs[-1])
