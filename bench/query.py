"""A released group-by (the whole gate: reserve, run, protect, seal, commit) against the same query in bare DuckDB.

Each run is a process of its own, so that peak memory is its own; the first question of a process warms it up.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.report import Line, show
from kernel_guard.vault.admin import add_dataset, add_grant
from kernel_guard.vault.catalogue.synthetic import generate
from kernel_guard.vault.config import init_folder

STUDY = "bench"
SAMPLE = 2_000  # patients, to learn how many measurements one has


def run(sizes: list[int], rounds: int) -> None:
    for rows in sizes:
        with tempfile.TemporaryDirectory(prefix="kgb-") as folder:
            settings, token, real = _prepare(Path(folder), rows)
            runs = [(_child("bare", settings, token), _child("released", settings, token)) for _ in range(rounds)]
        bare, released = [r[0] for r in runs], [r[1] for r in runs]
        title = f"Group-by over {real:,} measurements: patients and mean of one laboratory test, by sex, ε of about 1/2"
        show(
            title,
            [
                Line("time of one question", "s", [r["seconds"] for r in bare], [r["seconds"] for r in released]),
                Line("peak memory of the process", "MiB", [r["peak"] for r in bare], [r["peak"] for r in released]),
            ],
        )


def _prepare(root: Path, rows: int) -> tuple[Path, str, int]:
    """A vault with a synthetic hospital of about `rows` measurements."""
    sample = generate(root / "sample", patients=SAMPLE)
    patients = round(rows / sample.rows["measurement"] * SAMPLE)
    made = generate(root / "omop", patients=patients)
    settings = init_folder(root / "vault", synthetic_only=True)
    wide = {"epsilon": "1000", "delta": "1/1000"}
    policy = {"dataset_budget": wide, "project_budget": wide, "person_budget": wide}
    add_dataset(settings, STUDY, root / "omop", policy)
    token = add_grant(settings, user="bench", project="bench", studies=[STUDY], purpose="benchmark", days=1)
    return settings, token, made.rows["measurement"]


def _child(way: str, settings: Path, token: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.query_child", way, str(settings), STUDY]
    done = subprocess.run(command, input=token, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))
