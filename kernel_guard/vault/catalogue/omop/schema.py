"""From the CDM's field list and the steward's declarations to a study's schema. No patient row is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from kernel_guard.plan.schema import Category, Column, ColumnType, Table, TableKind
from kernel_guard.vault.catalogue import cdm
from kernel_guard.vault.catalogue.omop import defaults
from kernel_guard.vault.catalogue.omop.declarations import Declarations
from kernel_guard.vault.catalogue.omop.source import column_type

ONE_ROW = ("person", "death")
MOST_CATEGORIES = 5_000


class Vocabulary:
    """The concepts and care sites that are public, by domain."""

    def __init__(self, concepts: pa.Table | None, care_sites: pa.Table | None) -> None:
        self._by_domain: dict[str, list[Category]] = {}
        for row in concepts.to_pylist() if concepts is not None else []:
            if row["standard_concept"] == "S" and row["concept_id"]:
                category = Category(row["concept_id"], row["concept_name"] or "")
                self._by_domain.setdefault(str(row["domain_id"]).lower(), []).append(category)
        self.care_sites = tuple(
            Category(row["care_site_id"], row["care_site_name"] or "")
            for row in (care_sites.sort_by("care_site_id").to_pylist() if care_sites is not None else [])
        )

    def of(self, domain: str) -> tuple[Category, ...] | None:
        """The standard concepts of a domain; None where there are none, or too many to list."""
        found = self._by_domain.get(domain.lower(), [])
        if not found or len(found) > MOST_CATEGORIES:
            return None
        return (*sorted(found, key=lambda c: c.value), defaults.UNKNOWN)


def table_of(name: str, fields: Iterable[cdm.CdmField], declared: Declarations, vocabulary: Vocabulary) -> Table:
    """One table as researchers see it."""
    listed = tuple(fields)
    key = cdm.patient_key(listed)
    kind = TableKind.REFERENCE if key is None else TableKind.PATIENT if name in ONE_ROW else TableKind.EVENT
    mine = declared.table(name)
    columns = tuple(_column(f, declared, vocabulary, public=name in defaults.VOCABULARY) for f in listed)
    return Table(
        name,
        kind,
        columns,
        key,
        description=str(mine.get("description", "")),
        max_rows_per_patient=mine.get("max_rows_per_patient") if kind is TableKind.EVENT else None,
    )


def _column(field: cdm.CdmField, declared: Declarations, vocabulary: Vocabulary, *, public: bool) -> Column:
    mine = declared.column(field.table, field.name)
    reason = "" if public else defaults.blocked_reason(field, public_care_sites=declared.public_care_sites)
    if mine.get("blocked") is True:
        reason = str(mine.get("blocked_reason") or "closed by the data steward")
    elif mine.get("blocked") is False:
        reason = ""
    lower, upper = _bounds(field, mine)
    whole = column_type(field) is ColumnType.INTEGER and lower is not None
    return Column(
        field.name,
        column_type(field),
        description=str(mine.get("description") or defaults.meaning(field)),
        unit=str(mine.get("unit", "")),
        lower=lower,
        upper=upper,
        step=mine.get("step", 1 if whole else None),
        categories=None if reason else _categories(field, vocabulary),
        missing_codes=tuple(mine.get("missing_codes", ())),
        nullable=not field.required,
        sensitivity=mine.get("sensitivity", 3),
        blocked=bool(reason),
        blocked_reason=reason,
        code=str(mine.get("code") or f"OMOP {field.table}.{field.name}"),
        notes=str(mine.get("notes", "")),
    )


def _bounds(field: cdm.CdmField, mine: Mapping[str, Any]) -> tuple[Any, Any]:
    if "lower" in mine:
        return mine["lower"], mine["upper"]
    if field.name in defaults.BOUNDS:
        return defaults.BOUNDS[field.name]
    if column_type(field) in (ColumnType.DATE, ColumnType.DATETIME):
        return defaults.DATES
    return None, None


def _categories(field: cdm.CdmField, vocabulary: Vocabulary) -> tuple[Category, ...] | None:
    if field.name in defaults.CODES:
        return defaults.CODES[field.name]
    if field.name == "care_site_id":
        return vocabulary.care_sites or None
    return vocabulary.of(field.fk_domain) if field.is_concept and field.fk_domain else None
