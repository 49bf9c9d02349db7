"""Looking codes up in a study's public vocabulary: by words, by number, or all below an ancestor.

- Reads the tables `concept` and `concept_ancestor` alone, and only where the schema declares them as reference
  tables: no patient stands in them, so an answer costs nothing and tells nothing about anybody.
- What was typed is a bound parameter, never a part of the statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from kernel_guard.errors import NotFound, PlanError
from kernel_guard.plan.schema import Study, TableKind

MAX_CONCEPTS = 200
MAX_QUERY = 200
_FIELDS = "concept_id, concept_name, domain_id, vocabulary_id, concept_code"
_BY_WORDS = """
    SELECT {fields}, {below} AS descendants FROM read_parquet($concepts) AS c
    WHERE list_aggregate([contains(lower(concept_name), word) FOR word IN $words], 'bool_and')
       OR lower(concept_code) = $text OR CAST(concept_id AS VARCHAR) = $text
    ORDER BY lower(concept_name) = $text DESC, length(concept_name), concept_id LIMIT {limit}
"""
_BELOW = """
    SELECT {fields}, {below} AS descendants FROM read_parquet($concepts) AS c
    JOIN read_parquet($ancestors) AS a ON a.descendant_concept_id = c.concept_id
    WHERE a.ancestor_concept_id = $ancestor ORDER BY a.min_levels_of_separation, concept_name LIMIT {limit}
"""
_COUNT = "(SELECT count(*) FROM read_parquet($ancestors) AS d WHERE d.ancestor_concept_id = c.concept_id)"


def find_concepts(study: Study, files: Mapping[str, Path], text: str, ancestor: int | None = None) -> dict[str, Any]:
    """Concepts that hold every word of `text` (or have that code), or all below `ancestor`, itself included."""
    concepts = _public(study, files, "concept")
    if concepts is None:
        raise NotFound("This study has no public vocabulary.", hint="Filter by the codes that its steward names.")
    ancestors = _public(study, files, "concept_ancestor")
    words = text.lower().split()
    if ancestor is None and (not words or len(text) > MAX_QUERY):
        raise PlanError("Type a few words or a code.", hint=f"At most {MAX_QUERY} characters.")
    if ancestor is not None and ancestors is None:
        raise NotFound("This study's vocabulary has no hierarchy.", hint="Search by words instead.")
    shape = _BY_WORDS if ancestor is None else _BELOW
    statement = shape.format(fields=_FIELDS, below=_COUNT if ancestors else "0", limit=MAX_CONCEPTS + 1)
    given: dict[str, Any] = {"concepts": str(concepts), "ancestors": str(ancestors), "ancestor": ancestor}
    given |= {"words": words, "text": " ".join(words)}
    named = set(re.findall(r"\$(\w+)", statement))  # DuckDB refuses a parameter that the statement does not name
    found = _rows(statement, {name: value for name, value in given.items() if name in named})
    return {"concepts": found[:MAX_CONCEPTS], "more": len(found) > MAX_CONCEPTS}


def _public(study: Study, files: Mapping[str, Path], name: str) -> Path | None:
    """The file of a table that is declared as public, else None."""
    declared = any(table.name == name and table.kind is TableKind.REFERENCE for table in study.tables)
    return files[name] if declared and files[name].is_file() else None


def _rows(statement: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    with duckdb.connect(":memory:") as connection:
        answer = connection.execute(statement, dict(given))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
