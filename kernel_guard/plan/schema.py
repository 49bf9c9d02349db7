"""What a study looks like from outside: tables, columns, declared bounds and categories.

- Everything here is declared by a steward or taken from a standard; nothing is computed from patient rows.
- A blocked column is listed with its reason and can never be asked about.
- Bounds and categories are the public facts that contribution bounding and public key sets rest on.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from kernel_guard.errors import UnknownColumn

Scalar = int | float | bool | str


class ColumnType(enum.StrEnum):
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    STRING = "string"

    @property
    def numeric(self) -> bool:
        return self in (ColumnType.INTEGER, ColumnType.FLOAT)


class TableKind(enum.StrEnum):
    PATIENT = "patient"  # at most one row per patient
    EVENT = "event"  # many rows per patient
    REFERENCE = "reference"  # public: vocabularies, care sites


@dataclass(frozen=True)
class Category:
    """One declared value of a column and what it means."""

    value: Scalar
    label: str = ""


@dataclass(frozen=True)
class Column:
    """A column as declared. `lower`/`upper` are inclusive; dates use ISO text; `step` is the resolution."""

    name: str
    type: ColumnType
    description: str = ""
    unit: str = ""
    lower: int | float | str | None = None
    upper: int | float | str | None = None
    step: int | float | None = None
    categories: tuple[Category, ...] | None = None
    missing_codes: tuple[Scalar, ...] = ()
    nullable: bool = True
    sensitivity: int = 3
    blocked: bool = False
    blocked_reason: str = ""
    code: str = ""  # in a standard, such as "OMOP measurement.value_as_number" or "LOINC 718-7"
    notes: str = ""  # the data owner's, for researchers to read

    @property
    def bounded(self) -> bool:
        return self.lower is not None and self.upper is not None


@dataclass(frozen=True)
class Table:
    """A table of a study; `patient_key` names the column that counts patients (None for reference tables)."""

    name: str
    kind: TableKind
    columns: tuple[Column, ...]
    patient_key: str | None = None
    description: str = ""
    max_rows_per_patient: int | None = None

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownColumn(
            f"Table {self.name!r} has no column {name!r}.",
            hint=suggest(name, [c.name for c in self.columns]),
            details={"table": self.name, "column": name},
        )


@dataclass(frozen=True)
class Study:
    """A protected data set as researchers see it."""

    name: str
    title: str
    tables: tuple[Table, ...]
    version: str
    description: str = ""
    synthetic: bool = False
    privacy_unit: str = "patient"
    cdm_version: str = field(default="")

    def table(self, name: str) -> Table:
        for table in self.tables:
            if table.name == name:
                return table
        raise UnknownColumn(
            f"Study {self.name!r} has no table {name!r}.",
            hint=suggest(name, [t.name for t in self.tables]),
            details={"study": self.name, "table": name},
        )


def suggest(name: str, known: list[str]) -> str:
    """A hint naming the closest known names, or all of them when few."""
    import difflib

    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return "Did you mean " + " or ".join(repr(c) for c in close) + "?"
    return "It has: " + ", ".join(known[:12]) + (" …" if len(known) > 12 else "") + "."
