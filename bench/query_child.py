"""One process of the query benchmark: asks three times, prints the median time and the peak memory as JSON."""

from __future__ import annotations

import json
import re
import secrets
import statistics
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

CONCEPT = 3004410  # haemoglobin A1c


def released(settings: Path, study: str, token: str) -> Callable[[int], object]:
    from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Mean
    from kernel_guard.plan.expressions import ColumnRef, Compare, Literal
    from kernel_guard.plan.privacy import Ask, Contribution, Route
    from kernel_guard.plan.relations import Filter, Join, Source
    from kernel_guard.vault.config import load_config
    from kernel_guard.vault.wiring import open_gate

    gate = open_gate(load_config(settings))
    tests = Filter(Source(study, "measurement"), Compare("eq", ColumnRef("measurement_concept_id"), Literal(CONCEPT)))
    people = Join(tests, Source(study, "person"))
    measures = (CountPatients("patients"), Mean("mean", "value_as_number"))
    plan = Aggregate(people, measures, (Key("gender_concept_id", (8507, 8532)),))

    def ask(_: int) -> object:
        # A new question each time, in whichever process: the same one would be answered from the store.
        epsilon = Fraction(1, 2) + Fraction(secrets.randbelow(10**9), 10**12)
        bound = Contribution(rows=4, groups=1)
        return gate.release(token, Ask(plan, Route.DP, epsilon=epsilon, contribution=bound))

    return ask


def bare(settings: Path, study: str, _: str) -> Callable[[int], object]:
    import duckdb

    folder = next((settings.parent / "data" / study).glob("*/measurement.parquet")).parent
    connection = duckdb.connect(config={"memory_limit": "4GB", "threads": 2})
    query = f"""
        SELECT gender_concept_id, count(DISTINCT person_id), avg(value_as_number)
        FROM read_parquet('{folder}/measurement.parquet') AS m JOIN read_parquet('{folder}/person.parquet') AS p
        USING (person_id) WHERE measurement_concept_id = {CONCEPT} GROUP BY 1
    """
    return lambda _: connection.execute(query).fetchall()


def main() -> None:
    way, settings, study = sys.argv[1:]
    ask = {"bare": bare, "released": released}[way](Path(settings), study, sys.stdin.read())
    ask(0)
    times = []
    for turn in range(1, 4):
        began = time.perf_counter()
        ask(turn)
        times.append(time.perf_counter() - began)
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())  # without what started this process
    assert peak is not None
    print(json.dumps({"seconds": statistics.median(times), "peak": int(peak[1]) / 1024}))


if __name__ == "__main__":
    main()
