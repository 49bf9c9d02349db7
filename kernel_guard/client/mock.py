"""Mock rows: a pandas frame in the form of the data, made from the schema and a seed.

- Nothing here has seen a patient: two vaults with the same schema give the same mock rows.
- The verbs of the frame run on the mock rows (`evaluate`), so code can be tried before a question is asked.
- Marked wherever it shows: `attrs["kernel_guard"] == "mock"`, and the word MOCK on every display.
- Constants that the question compares with are sprinkled in, so that a filter for a code finds some rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kernel_guard.client import display
from kernel_guard.client.evaluate import Evaluator, constants
from kernel_guard.client.mock_answers import answer
from kernel_guard.errors import PlanError
from kernel_guard.plan import aggregates as agg
from kernel_guard.plan import relations as rel
from kernel_guard.plan import schema

MISSING_RATE = 0.08
EVENTS_PER_PATIENT = 4
MAX_PATIENTS = 20_000
_HEADLINE = "MOCK rows, made from the schema alone"
_FIRST_DAY, _LAST_DAY = "2010-01-01", "2024-12-31"
_DTYPES = {
    schema.ColumnType.INTEGER: "Int64",
    schema.ColumnType.FLOAT: "Float64",
    schema.ColumnType.BOOLEAN: "boolean",
    schema.ColumnType.STRING: "string",
}


class MockSeries(pd.Series):
    """One column of mock rows."""

    @property
    def _constructor(self) -> type[MockSeries]:
        return MockSeries

    @property
    def _constructor_expanddim(self) -> type[MockFrame]:
        return MockFrame

    def __repr__(self) -> str:
        return f"{_HEADLINE}\n{super().__repr__()}"


class MockFrame(pd.DataFrame):
    """Mock rows; what pandas makes of them stays marked."""

    @property
    def _constructor(self) -> type[MockFrame]:
        return MockFrame

    @property
    def _constructor_sliced(self) -> type[MockSeries]:
        return MockSeries

    def _repr_html_(self) -> str:
        shown = self.head(60)
        rows = [
            ["" if cell is pd.NA or cell is pd.NaT else cell for cell in row] for row in shown.astype(object).to_numpy()
        ]
        more = f", {len(shown)} shown" if len(self) > len(shown) else ""
        table = display.html_table(list(shown.columns), rows)
        return display.box(
            "MOCK rows", table, note=f"{len(self)} rows{more}, made from the schema alone. No patient is behind them."
        )

    def __repr__(self) -> str:
        return f"{_HEADLINE}\n{super().__repr__()}"


def mock_rows(study: schema.Study, relation: rel.Relation, columns: list[str], rows: int, seed: int) -> MockFrame:
    """About `rows` mock rows of a relation (fewer where a filter leaves fewer)."""
    if isinstance(rows, bool) or not isinstance(rows, int) or not 0 <= rows <= MAX_PATIENTS:
        raise PlanError(f"Mock rows are a number up to {MAX_PATIENTS:,}.", hint="Such as frame.mock(20).")
    patients = max(20, rows)
    while True:
        found = _evaluate(study, relation, patients, seed)
        if len(found) >= rows or patients >= MAX_PATIENTS:
            return _mark(found.loc[:, columns].head(rows).reset_index(drop=True))
        patients = min(patients * 8, MAX_PATIENTS)


def mock_answer(plan: agg.Aggregate, study: schema.Study, seed: int) -> MockFrame:
    """A question answered from mock rows: keys and measures as columns."""
    rows = _evaluate(study, plan.source, 500, seed)
    return _mark(answer(plan, rows, Evaluator(study, {}).shape(plan.source).patient_key))


def _mark(rows: pd.DataFrame) -> MockFrame:
    marked = MockFrame(rows)
    marked.attrs["kernel_guard"] = "mock"
    return marked


def _evaluate(study: schema.Study, relation: rel.Relation, patients: int, seed: int) -> pd.DataFrame:
    wanted = constants(relation)
    if isinstance(relation, rel.Source):
        return mock_table(study.table(relation.table), patients, seed, wanted)
    sources = _sources(relation)
    tables = {name: mock_table(study.table(name), patients, seed, wanted) for name in sources}
    return Evaluator(study, tables).rows(relation)


def _sources(relation: rel.Relation) -> set[str]:
    if isinstance(relation, rel.Source):
        return {relation.table}
    if isinstance(relation, rel.Join):
        return _sources(relation.left) | _sources(relation.right)
    return _sources(relation.source)


def mock_table(table: schema.Table, patients: int, seed: int, wanted: dict[str, list[Any]]) -> pd.DataFrame:
    """Mock rows of one table; the same patients appear in every table of a study."""
    keys = 1 + np.arange(patients)
    generator = np.random.default_rng([seed, *table.name.encode()])
    if table.kind is schema.TableKind.EVENT:
        keys = np.sort(generator.choice(keys, patients * EVENTS_PER_PATIENT))
    columns = {}
    for column in table.columns:
        if column.name == table.patient_key:
            columns[column.name] = _patient_keys(column, keys)
        elif not column.blocked:
            columns[column.name] = _column(column, len(keys), generator, wanted.get(column.name, []))
    _order_dates(columns, generator)
    return pd.DataFrame(columns)


def _order_dates(columns: dict[str, Any], generator: np.random.Generator) -> None:
    """What ends, ends up to a fortnight after its start."""
    for name, start in columns.items():
        end = name.replace("start", "end")
        if end != name and end in columns and hasattr(start, "dt"):
            later = start + pd.to_timedelta(generator.integers(0, 15, len(start)), unit="D")
            columns[end] = later.where(columns[end].notna())


def _patient_keys(column: schema.Column, keys: Any) -> pd.Series[Any]:
    if column.type is schema.ColumnType.STRING:
        return pd.Series([f"mock-{k}" for k in keys], dtype="string")
    return pd.Series(keys, dtype="Int64")


def _column(column: schema.Column, size: int, generator: np.random.Generator, wanted: list[Any]) -> Any:
    values: Any = pd.Series(_values(column, size, generator))
    fitting = [w for w in wanted if _fits(column, w)]
    if fitting and column.categories is None:
        chosen = generator.random(size) < 0.5
        values = values.astype(object)
        values[chosen] = generator.choice(np.array(fitting, dtype=object), int(chosen.sum()))
    if column.nullable:
        values = values.astype(object)
        values[generator.random(size) < MISSING_RATE] = None
    if column.type in _DTYPES:
        return values.astype(_DTYPES[column.type])
    return pd.to_datetime(values)


def _fits(column: schema.Column, value: Any) -> bool:
    """Whether a constant of the question can stand in this column."""
    if column.type.numeric:
        if isinstance(value, (bool, str)) or (column.type is schema.ColumnType.INTEGER and value != int(value)):
            return False
        return not column.bounded or float(column.lower or 0) <= value <= float(column.upper or 0)
    return isinstance(value, str) and column.type is schema.ColumnType.STRING


def _values(column: schema.Column, size: int, generator: np.random.Generator) -> Any:
    if column.categories:
        return generator.choice(np.array([c.value for c in column.categories], dtype=object), size)
    if column.type is schema.ColumnType.BOOLEAN:
        return generator.random(size) < 0.5
    if column.type is schema.ColumnType.STRING:
        return np.array([f"mock text {i}" for i in generator.integers(1, 100, size)], dtype=object)
    if column.type in (schema.ColumnType.DATE, schema.ColumnType.DATETIME):
        return _dates(column, size, generator)
    low, high = (float(column.lower or 0), float(column.upper or 0)) if column.bounded else (0.0, 1000.0)
    if column.type is schema.ColumnType.INTEGER:
        return generator.integers(int(low), int(high), size, endpoint=True)
    step = column.step or 10.0 ** np.floor(np.log10(max(high - low, 1e-9)) - 3)
    drawn = np.clip(generator.normal((low + high) / 2, (high - low) / 6, size), low, high)
    return np.clip(np.round(drawn / step) * step, low, high).round(9)


def _dates(column: schema.Column, size: int, generator: np.random.Generator) -> Any:
    low = np.datetime64(str(column.lower)[:10] if column.lower is not None else _FIRST_DAY, "D")
    high = np.datetime64(str(column.upper)[:10] if column.upper is not None else _LAST_DAY, "D")
    days = generator.integers(0, max(int((high - low).astype(int)), 1), size)
    return (low + days).astype("datetime64[s]")
