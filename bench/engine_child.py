"""One process of the engine benchmark: WAY WHAT FILE GROUPS ROWS CELLS EPSILON ROUNDS MEMORY; JSON comes out."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

BARE = {
    "count": "count(*)", "sum": "sum(v)", "patients": "count(DISTINCT pid)",
    "median": "quantile_cont(v, 0.5)",
}  # fmt: skip
Ask = Callable[[], list[Any]]


def bare(what: str, path: Path, memory: str) -> Ask:
    """The same question to DuckDB alone, exact, with every row of a patient counted."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": memory, "threads": 2})
    query = f"SELECT code, {BARE[what]} FROM read_parquet('{path}') GROUP BY code ORDER BY code"
    return lambda: [row[1] for row in connection.execute(query).fetchall()]


def ours(what: str, path: Path, groups: int, bound: tuple[int, int], epsilon: Fraction, memory: str) -> Ask:
    """Price, partials, noise: what a release does between reserving its budget and sealing."""
    from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Key, Quantile, Sum
    from kernel_guard.plan.privacy import Ask, Contribution, Route
    from kernel_guard.plan.relations import Source
    from kernel_guard.plan.schema import Category, Column, ColumnType, Study, Table, TableKind
    from kernel_guard.plan.typing import check_aggregate
    from kernel_guard.vault.engine.duckdb import DuckDbEngine
    from kernel_guard.vault.mechanisms import price, protect_dp

    values = tuple(range(groups))
    code = Column("code", ColumnType.INTEGER, categories=tuple(map(Category, values)))
    value = Column("v", ColumnType.FLOAT, lower=0, upper=200, step=0.1)
    table = Table("e", TableKind.EVENT, (Column("pid", ColumnType.INTEGER), code, value), "pid")
    study = Study("s", "events", (table,), "v1")
    engine = DuckDbEngine(study, {"e": path}, b"0" * 16, memory_limit=memory)
    measure = {
        "count": CountRows("x"), "sum": Sum("x", "v"), "patients": CountPatients("x"), "median": Quantile("x", "v"),
    }[what]  # fmt: skip
    plan = Aggregate(Source("s", "e"), (measure,), (Key("code", values),))
    ask = Ask(plan, Route.DP, epsilon=epsilon, contribution=Contribution(*bound))

    def answer() -> list[Any]:
        pricing = price(ask, check_aggregate(plan, study), study)
        result = protect_dp(tuple(engine.partials(r) for r in pricing.requests), pricing, ask)
        place = [c.name for c in result.columns].index("x")
        return [row[place] for row in result.rows]

    return answer


def main() -> None:
    way, what, path, groups, rows, cells, epsilon, rounds, memory = sys.argv[1:]
    bound = int(rows), int(cells)
    file = Path(path)
    ask = bare(what, file, memory) if way == "bare" else ours(what, file, int(groups), bound, Fraction(epsilon), memory)
    times, answer = [], ask()
    for _ in range(int(rounds)):
        began = time.perf_counter()
        answer = ask()
        times.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": min(times), "peak": peak, "answer": dict(enumerate(answer))}))


if __name__ == "__main__":
    main()
