"""The files of an OMOP directory: which there are, and their columns in the types that the CDM lists.

- Parquet or CSV (also .csv.gz), names in any case. Two files for one table, or a table the CDM lacks, is a problem.
- A value that is not of its column's type makes its whole column a problem, with the number of such rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from kernel_guard.errors import DatasetError
from kernel_guard.plan.schema import ColumnType
from kernel_guard.vault.catalogue import cdm
from kernel_guard.vault.catalogue.omop.problems import Problems

SUFFIXES = (".parquet", ".csv.gz", ".csv")
ARROW = {
    ColumnType.INTEGER: pa.int64(), ColumnType.FLOAT: pa.float64(), ColumnType.DATE: pa.date32(),
    ColumnType.DATETIME: pa.timestamp("us"), ColumnType.STRING: pa.string(),
}  # fmt: skip
_TYPES = {
    "integer": ColumnType.INTEGER, "float": ColumnType.FLOAT, "date": ColumnType.DATE, "datetime": ColumnType.DATETIME,
}  # fmt: skip
_NOTHING = ["", "NULL", "null", "NA", "\\N"]
_SPACES = r"^\s+|\s+$"


def column_type(field: cdm.CdmField) -> ColumnType:
    return _TYPES.get(field.datatype, ColumnType.STRING)


@dataclass(frozen=True)
class TableFile:
    """One table's file, with its column names as written, by their lower-case names."""

    name: str
    path: Path
    columns: dict[str, str]


def find(directory: Path, problems: Problems) -> dict[str, TableFile]:
    """Table name → file."""
    if not directory.is_dir():
        raise DatasetError("There is no such directory.", hint="Name a directory of OMOP tables, Parquet or CSV.")
    found: dict[str, TableFile] = {}
    for path in sorted(directory.iterdir()):
        suffix = next((s for s in SUFFIXES if path.name.lower().endswith(s)), None)
        if suffix is None or path.name.startswith("."):
            continue
        name = path.name.lower().removesuffix(suffix)
        if name in found:
            problems.add(name, "", "two files for one table")
            continue
        columns = _header(name, path, problems)
        if columns is not None:
            found[name] = TableFile(name, path, columns)
    return found


def _header(table: str, path: Path, problems: Problems) -> dict[str, str] | None:
    try:
        names = _names(path)
    except (pa.ArrowException, OSError, ValueError):
        problems.add(table, "", "the file cannot be read: it is damaged or of another kind than its name says")
        return None
    columns = {name.strip().lower(): name for name in names}
    if len(columns) < len(names):
        problems.add(table, "", "two columns of one name")
    return columns


def _names(path: Path) -> list[str]:
    if path.suffix.lower() == ".parquet":
        return list(pq.read_schema(path).names)
    with pcsv.open_csv(path, parse_options=pcsv.ParseOptions(newlines_in_values=True)) as reader:
        return list(reader.schema.names)


def read(file: TableFile, fields: list[cdm.CdmField], problems: Problems) -> pa.Table | None:
    """The given fields, typed; None where the file cannot be read."""
    try:
        raw = _read(file, [file.columns[f.name] for f in fields])
    except (pa.ArrowException, OSError, ValueError):
        problems.add(file.name, "", "the file cannot be read: it is damaged")
        return None
    columns = [_typed(file.name, f, raw.column(file.columns[f.name]), problems) for f in fields]
    return pa.table(columns, names=[f.name for f in fields])


def _read(file: TableFile, names: list[str]) -> pa.Table:
    if file.path.suffix.lower() == ".parquet":
        return pq.read_table(file.path, columns=names)
    # Everything is read as text first: what a column holds is decided by the CDM, not guessed from its first rows.
    convert = pcsv.ConvertOptions(
        column_types={name: pa.string() for name in names},
        include_columns=names,
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
        null_values=_NOTHING,
    )
    return pcsv.read_csv(file.path, convert_options=convert, parse_options=pcsv.ParseOptions(newlines_in_values=True))


def _typed(table: str, field: cdm.CdmField, column: Any, problems: Problems) -> Any:
    """The column in its type; a column that does not fit is reported and left empty."""
    wanted = ARROW[column_type(field)]
    try:
        return _cast(column, wanted)
    except pa.ArrowException:
        problems.add(table, field.name, f"not of type {column_type(field)}", _unfit(column, wanted))
        return pa.chunked_array([pa.nulls(len(column), wanted)])


def _cast(column: Any, wanted: pa.DataType) -> Any:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _from_text(column.cast(pa.string()), wanted)
    if pa.types.is_timestamp(column.type):
        if column.type.tz is not None:
            column = column.cast(pa.timestamp(column.type.unit, "UTC")).cast(pa.timestamp(column.type.unit))
        # A day, or a microsecond, is as fine as the CDM is: finer parts are cut off.
        unit = "day" if pa.types.is_date(wanted) else "microsecond"
        return pc.floor_temporal(column, unit=unit).cast(wanted)
    return column.cast(wanted)


def _from_text(column: Any, wanted: pa.DataType) -> Any:
    if pa.types.is_string(wanted):
        return column
    column = pc.replace_substring_regex(column, pattern=_SPACES, replacement="")
    if pa.types.is_date(wanted):
        # Some exports write a date as the midnight of its day.
        column = pc.replace_substring_regex(column, pattern=r"[ T]00:00:00(\.0+)?Z?$", replacement="")
    if pa.types.is_integer(wanted):
        column = pc.replace_substring_regex(column, pattern=r"\.0+$", replacement="")
    return column.cast(wanted)


def _unfit(column: Any, wanted: pa.DataType) -> int:
    """How many values do not fit: found by halving, so that a few bad ones among millions cost little."""
    count = 0
    pending: list[Any] = [pa.chunked_array([c]) for c in column.chunks]
    while pending:
        part = pending.pop()
        try:
            _cast(part, wanted)
        except pa.ArrowException:
            if len(part) == 1:
                count += 1
                if count >= 10_000:
                    break
            else:
                middle = len(part) // 2
                pending += [part.slice(0, middle), part.slice(middle)]
    return count
