"""SmartNoise SQL over a pandas frame: count or sum by key, ε for all, contribution bounded per patient.

`python smartnoise.py WHAT FILE GROUPS ROWS_PER_CELL CELLS EPSILON ROUNDS` prints one JSON object.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import pandas as pd
import snsql

MEASURES = {"count": "COUNT(*)", "sum": "SUM(v)"}


def main() -> None:
    what, path, _, rows, cells, epsilon, rounds = sys.argv[1:]
    columns = {
        "max_ids": int(cells) * int(rows),
        "row_privacy": False,
        "censor_dims": False,
        "pid": {"type": "int", "private_id": True},
        "code": {"type": "int"},
        "v": {"type": "float", "lower": 0, "upper": 200},
    }
    frame = pd.read_parquet(path)
    times: list[float] = []
    found: list[tuple[object, object]] = []
    for _ in range(int(rounds)):
        began = time.perf_counter()
        privacy = snsql.Privacy(epsilon=float(epsilon), delta=0.0)
        reader = snsql.from_df(frame, privacy=privacy, metadata={"": {"s": {"e": columns}}})
        found = reader.execute(f"SELECT code, {MEASURES[what]} AS x FROM s.e GROUP BY code")[1:]
        times.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer = {str(code): float(x) if x is not None else 0.0 for code, x in found}
    print(json.dumps({"seconds": min(times), "peak": peak, "answer": answer}))


if __name__ == "__main__":
    main()
