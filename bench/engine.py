"""The engine alone, against bare DuckDB and against its peers: time, peak memory, and error at one ε.

- Events of patients (one row for five patients' share: rows / 5 patients), 1,000 groups, ε = 1; a patient counts with
  at most 4 rows in each of 4 groups.
- Each run is a process of its own; ways take turns, so that a busy machine slows all of them.
- Peers live in environments that this command makes (`.bench/`), never in ours; one that cannot be had is reported.
- The error is against the count over all rows: what the bound cuts off is part of it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

GROUPS, ROWS, CELLS, EPSILON = 1_000, 4, 4, 1
WHAT = ("count", "sum", "patients", "median")
HERE = Path(__file__).parent
PEERS = {"opendp_polars": "opendp[polars]==0.16.0", "smartnoise": "smartnoise-sql"}
ASKED = {"opendp_polars": ("count", "sum", "median"), "smartnoise": ("count", "sum")}
PATIENCE = 900.0  # seconds for one run of a peer
Run = dict[str, Any]


def run(sizes: Sequence[int], rounds: int, *, peers: bool = True) -> None:
    homes = {name: home for name, needs in PEERS.items() if (home := _environment(name, needs))} if peers else {}
    for rows in sizes:
        with tempfile.TemporaryDirectory(prefix="kgb-") as folder:
            path = events(Path(folder), rows)
            for what in WHAT:
                _compare(what, path, rows, rounds, homes)


def linear(sizes: Sequence[int], memory: str = "3GB") -> None:
    """Time and memory against rows, under a memory limit, with the slope of log(time) over log(rows)."""
    import math

    points: dict[str, list[tuple[int, float]]] = {}
    for rows in sizes:
        with tempfile.TemporaryDirectory(prefix="kgb-") as folder:
            path = events(Path(folder), rows)
            for what in ("count", "sum", "patients"):
                found = _child("ours", what, path, 1, memory)
                points.setdefault(what, []).append((rows, found["seconds"]))
                print(f"{rows:>13,} rows  {what:<9} {found['seconds']:>8.2f} s {found['peak']:>8.0f} MiB", flush=True)
    for what, line in points.items():
        x, y = [math.log(r) for r, _ in line], [math.log(s) for _, s in line]
        print(f"{what}: time grows as rows to the power {statistics.linear_regression(x, y).slope:.2f}")


def events(folder: Path, rows: int) -> Path:
    """A Parquet file as the vault stores one: patients numbered 1, 2, …, their rows together."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    chance, path, patients = np.random.default_rng(1), folder / "e.parquet", max(1, rows // 5)
    schema = pa.schema([("pid", pa.int64()), ("code", pa.int64()), ("v", pa.float64())])
    done = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while done < rows:  # in parts of patients, so that making a large file needs little memory
            size = min(5_000_000, rows - done)
            low, high = done * patients // rows + 1, max(1, (done + size) * patients // rows)
            pid = np.sort(chance.integers(low, max(low, high) + 1, size))
            code = np.minimum(chance.exponential(GROUPS * 0.15, size).astype("int64"), GROUPS - 1)
            value = np.round(chance.normal(100, 20, size), 1)
            writer.write_table(pa.table([pid, code, value], schema=schema), row_group_size=256 * 1024)
            done += size
    return path


def _environment(name: str, needs: str) -> Path | None:
    """A peer's Python, made where it is not there yet."""
    home = Path(".bench") / name
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", needs, "pyarrow"]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        print(f"{name}: {needs} cannot be installed here")
        return None
    return python


def _compare(what: str, path: Path, rows: int, rounds: int, peers: Mapping[str, Path]) -> None:
    ways: dict[str, list[Run]] = {}
    for _ in range(rounds):
        for way in ("bare", "ours"):
            ways.setdefault(way, []).append(_child(way, what, path, 2, "4GB"))
        for name, python in peers.items():
            if what in ASKED[name] and (found := _peer(python, name, what, path)):
                ways.setdefault(name, []).append(found)
    exact = ways["bare"][0]["answer"]
    print(f"\n{what} by {GROUPS:,} groups over {rows:,} rows of {rows // 5:,} patients, ε = {EPSILON}")
    print(f"{'':<16} {'seconds':>9} {'÷ bare':>8} {'÷ ours':>8} {'MiB':>8} {'mean |error|':>13}")
    middle = {way: statistics.median(r["seconds"] for r in runs) for way, runs in ways.items()}
    for way, runs in ways.items():
        peak = statistics.median(r["peak"] for r in runs)
        error = statistics.median(_error(exact, r["answer"]) for r in runs)
        ratios = f"{middle[way] / middle['bare']:>8.2f} {middle[way] / middle['ours']:>8.2f}"
        print(f"{way:<16} {middle[way]:>9.3f} {ratios} {peak:>8.0f} {error:>13.2f}", flush=True)


def _error(exact: Mapping[str, float], answer: Mapping[str, float]) -> float:
    """Over all groups; a group that an answer lacks counts as 0."""
    return statistics.fmean(abs(float(answer.get(key, 0.0)) - float(value)) for key, value in exact.items())


def _child(way: str, what: str, path: Path, rounds: int, memory: str) -> Run:
    command = [sys.executable, "-m", "bench.engine_child", way, what, os.fspath(path)]
    command += map(str, (GROUPS, ROWS, CELLS, EPSILON, rounds, memory))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _peer(python: Path, name: str, what: str, path: Path) -> Run | None:
    command = [os.fspath(python), os.fspath(HERE / "peers" / f"{name}.py"), what, os.fspath(path)]
    command += map(str, (GROUPS, ROWS, CELLS, EPSILON, 1))
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        print(f"{name}: no {what} within {PATIENCE:.0f} s")
        return None
    if done.returncode:
        print(f"{name}: {what} failed: {done.stderr.strip().splitlines()[-1][:200]}")
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))
