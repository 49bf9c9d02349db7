"""What checking adds: an exact table with its rules against the same query without them, beside ACRO; and differencing.

- ACRO runs in an environment of its own, which this makes (`pip install acro`); without it its column is left out.
- Differencing is timed apart: it grows with what was released before, not with the rows of the question.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.report import Line, show

ACRO = """
import json, sys, time, pandas as pd
from acro import ACRO
frame = pd.read_parquet(sys.argv[1])
acro = ACRO(suppress=False)
times = []
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    acro.crosstab(frame.a, frame.b, values=frame.x, aggfunc="sum")
    times.append(time.perf_counter() - began)
print("TIMES" + json.dumps(times))
"""


def run(rows: list[int], rounds: int, *, beside: bool = True) -> None:
    with tempfile.TemporaryDirectory(prefix="kgb-") as name:
        folder = Path(name)
        python = _acro(folder / "venv") if beside else None
        for number in rows:
            _checking(folder, number, rounds, python)
    _differencing(rounds)


def _checking(folder: Path, rows: int, rounds: int, python: Path | None) -> None:
    """Sums and counts by 100 × 100 groups, five rows to a patient."""
    random = np.random.default_rng(0)
    file = folder / f"t{rows}.parquet"
    table = {
        "pid": np.sort(random.integers(1, max(2, rows // 5), rows)),
        "a": random.integers(0, 100, rows),
        "b": random.integers(0, 100, rows),
        "x": np.round(random.lognormal(5, 1, rows), 2),
    }
    pq.write_table(pa.table(table), file)
    plain, checked = _plain(file), _checked(file)
    plain(), checked()
    pairs = [(_timed(plain), _timed(checked)) for _ in range(rounds)]
    lines = [Line("query with its checks", "s", [p for p, _ in pairs], [c for _, c in pairs])]
    if python is not None and rows <= 1_000_000:
        lines.append(Line("ACRO, the same table", "s", [p for p, _ in pairs], _acro_times(python, file, rounds)))
    show(f"A table of 10,000 cells over {rows:,} rows, against count(distinct patient), sum by group in DuckDB", lines)


def _plain(file: Path) -> Callable[[], object]:
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    query = f"SELECT a, b, count(DISTINCT pid), count(x), sum(x) FROM read_parquet('{file}') GROUP BY a, b"
    return lambda: connection.execute(query).fetchall()


def _checked(file: Path) -> Callable[[], object]:
    from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Sum
    from kernel_guard.plan.privacy import Ask, Route
    from kernel_guard.plan.relations import Source
    from kernel_guard.plan.schema import Category, Column, ColumnType, Study, Table, TableKind
    from kernel_guard.plan.typing import check_aggregate
    from kernel_guard.vault.disclosure.gather import gather
    from kernel_guard.vault.disclosure.pack import load_pack
    from kernel_guard.vault.disclosure.sdc import protect_sdc
    from kernel_guard.vault.engine.duckdb import DuckDbEngine
    from kernel_guard.vault.mechanisms import price

    values = tuple(range(100))
    keys = [Column(k, ColumnType.INTEGER, categories=tuple(map(Category, values))) for k in ("a", "b")]
    number = Column("x", ColumnType.FLOAT, lower=0, upper=1_000_000, step=0.01)
    columns = (Column("pid", ColumnType.INTEGER, nullable=False), *keys, number)
    study = Study("b", "bench", (Table("t", TableKind.EVENT, columns, "pid"),), "v1")
    plan = Aggregate(Source("b", "t"), (CountPatients("n"), Sum("s", "x")), (Key("a", values), Key("b", values)))
    request = price(Ask(plan, Route.SDC), check_aggregate(plan, study), study).request
    engine, pack = DuckDbEngine(study, {"t": file}, b"0123456789abcdef"), load_pack("uk_tre")
    return lambda: protect_sdc(gather(engine, request, pack), pack)


def _differencing(rounds: int) -> None:
    """10,000 earlier cells of 50 cohorts over a million patients, against 80 new cells."""
    from kernel_guard.vault.disclosure.differencing.isolation import find

    random = np.random.default_rng(0)
    cell, fresh = random.integers(0, 200, 1_000_000), random.integers(0, 80, 1_000_000)
    old: list[Any] = []
    for _ in range(50):
        cohort = np.flatnonzero(random.random(1_000_000) < 0.06)
        order = np.argsort(cell[cohort], kind="stable")
        ends = np.searchsorted(cell[cohort][order], np.arange(201))
        old += [np.sort(cohort[order[a:b]]).astype(np.uint32) for a, b in itertools.pairwise(ends)]
    new = [np.flatnonzero(fresh == i).astype(np.uint32) for i in range(80)]
    for share in (0.1, 0.5, 1.0):
        earlier = old[: int(len(old) * share)]
        times = [_timed(lambda earlier=earlier: find(earlier, new, 10)) for _ in range(rounds)]  # type: ignore[misc]
        print(
            f"differencing, {len(earlier):>6,} earlier cells, 1,000,000 patients: {min(times):.2f} s (best of {rounds})"
        )


def _acro(folder: Path) -> Path | None:
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    done = subprocess.run([python, "-m", "pip", "install", "-q", "acro", "pyarrow"], capture_output=True)
    return python if done.returncode == 0 else None


def _acro_times(python: Path, file: Path, rounds: int) -> list[float]:
    done = subprocess.run(
        [python, "-c", ACRO, str(file), str(rounds)], capture_output=True, text=True, cwd=file.parent, check=True
    )
    return list(json.loads(done.stdout.rpartition("TIMES")[2]))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    run([int(n) for n in sys.argv[1:]] or [1_000_000], 3)
