"""The OMOP CDM field lists, shipped as data.

- The standard says what a table holds; nothing here looks at a data set.
- Unknown versions are refused by name of the versions that are known.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib.resources import files

from kernel_guard.errors import DatasetError

VERSIONS = ("5.3", "5.4")


@dataclass(frozen=True)
class CdmField:
    """One field of one table, as the standard lists it."""

    table: str
    name: str
    required: bool
    datatype: str
    primary_key: bool
    fk_table: str
    fk_domain: str

    @property
    def is_concept(self) -> bool:
        return self.fk_table == "concept"

    @property
    def is_text(self) -> bool:
        return self.datatype.startswith("varchar")


@functools.cache
def tables(version: str) -> dict[str, tuple[CdmField, ...]]:
    """Table name → its fields in the standard's order."""
    if version not in VERSIONS:
        raise DatasetError(
            "This version of the OMOP Common Data Model is not known here.",
            hint=f"Known are {' and '.join(VERSIONS)}.",
        )
    text = files(__name__).joinpath(f"fields_{version.replace('.', '_')}.csv").read_text(encoding="utf-8")
    found: dict[str, list[CdmField]] = {}
    for row in csv.DictReader(text.splitlines()):
        item = CdmField(
            row["table"],
            row["field"],
            row["required"] == "1",
            row["datatype"],
            row["primary_key"] == "1",
            row["fk_table"],
            row["fk_domain"],
        )
        found.setdefault(item.table, []).append(item)
    return {table: tuple(fields) for table, fields in found.items()}


def patient_key(fields: tuple[CdmField, ...]) -> str | None:
    """The field that refers to a person: the person table's own key, or a foreign key to it."""
    for item in fields:
        if item.name == "person_id" and (item.table == "person" or item.fk_table == "person"):
            return item.name
    return None
