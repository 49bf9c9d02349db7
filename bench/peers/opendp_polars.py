"""OpenDP's Polars context: count, sum or median by public keys, ε for all, contribution bounded per patient.

`python opendp_polars.py WHAT FILE GROUPS ROWS_PER_CELL CELLS EPSILON ROUNDS` prints one JSON object.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import opendp.prelude as dp
import polars as pl

dp.enable_features("contrib")


def ask(what: str, path: str, groups: int, rows: int, cells: int, epsilon: float) -> dict[int, float]:
    context = dp.Context.compositor(
        data=pl.scan_parquet(path),
        privacy_unit=dp.unit_of(contributions=1, identifier="pid"),
        privacy_loss=dp.loss_of(epsilon=epsilon),
        split_evenly_over=1,
        margins=[dp.polars.Margin(by=["code"], max_groups=groups, max_length=100_000_000)],
    )
    query = context.query().truncate_per_group(rows, by=["code"]).truncate_num_groups(cells, by=["code"], keep="first")
    candidates = [200 * i / 255 for i in range(256)]
    measure = {
        "count": lambda: dp.len(),
        "sum": lambda: pl.col("v").fill_null(0.0).fill_nan(0.0).cast(pl.Int64).dp.sum((0, 200)),
        "median": lambda: pl.col("v").fill_null(0.0).fill_nan(0.0).dp.median(candidates),
    }[what]()
    keys = pl.DataFrame({"code": range(groups)}, schema={"code": pl.Int64})
    found = query.group_by("code").agg(measure.alias("x")).with_keys(keys).release().collect()
    return dict(zip(found["code"].to_list(), found["x"].to_list(), strict=True))


def main() -> None:
    what, path, groups, rows, cells, epsilon, rounds = sys.argv[1:]
    times: list[float] = []
    answer: dict[int, Any] = {}
    for _ in range(int(rounds)):
        began = time.perf_counter()
        answer = ask(what, path, int(groups), int(rows), int(cells), float(epsilon))
        times.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": min(times), "peak": peak, "answer": {str(k): v for k, v in answer.items()}}))


if __name__ == "__main__":
    main()
