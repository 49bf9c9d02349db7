"""What a steward declares of an OMOP data set beyond the standard: `declarations.json` or `.toml` beside the tables.

- Every key is known or refused. Bounds, steps, missing codes and caps are facts that the steward vouches for:
  contribution bounds rest on them, so they may not be read off the patients' rows.
- `public_vocabulary`: the concept table is published whatever patients have, so its concepts may be listed.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernel_guard.errors import DatasetError

FILES = ("declarations.json", "declarations.toml")
_TOP = {"title", "description", "public_vocabulary", "public_care_sites", "tables"}
_TABLE = {"description", "max_rows_per_patient", "columns"}
_COLUMN = {
    "description", "unit", "lower", "upper", "step", "missing_codes", "sensitivity", "blocked", "blocked_reason",
    "code", "notes",
}  # fmt: skip


@dataclass(frozen=True)
class Declarations:
    """Checked declarations; all optional."""

    title: str = ""
    description: str = ""
    public_vocabulary: bool = False
    public_care_sites: bool = False
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)

    def table(self, name: str) -> dict[str, Any]:
        return self.tables.get(name, {})

    def column(self, table: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.table(table).get("columns", {}).get(name, {})
        return found


def load(directory: Path) -> Declarations:
    """The declarations of a directory, or none."""
    paths = [directory / name for name in FILES if (directory / name).is_file()]
    if not paths:
        return Declarations()
    try:
        text = paths[0].read_text(encoding="utf-8")
        document = json.loads(text) if paths[0].suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError):
        raise DatasetError(
            f"The file {paths[0].name!r} cannot be read.", hint="It must be JSON or TOML text."
        ) from None
    return _checked(document)


def _checked(document: Any) -> Declarations:
    _known(document, _TOP, "the declarations")
    for flag in ("public_vocabulary", "public_care_sites"):
        if not isinstance(document.get(flag, False), bool):
            raise _wrong(flag, "must be true or false")
    tables = document.get("tables", {})
    _mapping(tables, "tables")
    for name, table in tables.items():
        _known(table, _TABLE, f"tables.{name}")
        most = table.get("max_rows_per_patient", 1)
        if not _whole(most) or most < 1:
            raise _wrong(f"tables.{name}.max_rows_per_patient", "must be a whole number from 1")
        columns = table.get("columns", {})
        _mapping(columns, f"tables.{name}.columns")
        for column, values in columns.items():
            _check_column(values, f"tables.{name}.columns.{column}")
    return Declarations(**document)


def _check_column(values: Any, where: str) -> None:
    _known(values, _COLUMN, where)
    if ("lower" in values) != ("upper" in values):
        raise _wrong(where, "needs both lower and upper, or neither")
    if "lower" in values and not _ordered(values["lower"], values["upper"]):
        raise _wrong(where, "needs lower and upper of one kind (numbers, or ISO dates) and in order")
    if "step" in values and not (_number(values["step"]) and values["step"] > 0):
        raise _wrong(f"{where}.step", "must be a number above 0")
    if not isinstance(values.get("missing_codes", []), list):
        raise _wrong(f"{where}.missing_codes", "must be a list")
    if not isinstance(values.get("blocked", False), bool):
        raise _wrong(f"{where}.blocked", "must be true or false")
    if values.get("sensitivity", 3) not in (1, 2, 3, 4, 5):
        raise _wrong(f"{where}.sensitivity", "must be 1 to 5")


def _ordered(lower: Any, upper: Any) -> bool:
    if isinstance(lower, str) and isinstance(upper, str):
        return len(lower) == len(upper) == 10 and lower <= upper
    return _number(lower) and _number(upper) and lower <= upper


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _mapping(value: Any, where: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(where, "must be a table of names")


def _known(value: Any, known: set[str], where: str) -> None:
    _mapping(value, where)
    for key in value:
        if key not in known:
            raise _wrong(f"{where}: {key!r}", f"is unknown; known are {', '.join(sorted(known))}")


def _wrong(where: str, what: str) -> DatasetError:
    return DatasetError(f"Declarations: {where} {what}.", hint="Mend the declarations file and add the data set again.")
