"""The codes that the synthetic hospital uses, and the public reference tables made from them.

- One CSV beside this file is the only list; the model names its rows by key.
- Ancestors are the closure of the parents named there; a concept is its own ancestor at distance 0, as in OMOP.
"""

from __future__ import annotations

import csv
import datetime
import functools
from dataclasses import dataclass
from importlib.resources import files

_START, _END = datetime.date(1970, 1, 1), datetime.date(2099, 12, 31)
_FIRST_SOURCE_ID = 2_000_100_000  # OMOP keeps ids from two billion for local concepts


@dataclass(frozen=True)
class Concept:
    """One row of the CSV."""

    key: str
    id: int
    name: str
    domain: str
    vocabulary: str
    concept_class: str
    code: str
    icd10: str
    parents: tuple[str, ...]


@functools.cache
def concepts() -> dict[str, Concept]:
    """Key → concept, in the file's order."""
    text = files(__package__ or __name__).joinpath("concepts.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        parents = tuple(p for p in row["parents"].split("|") if p)
        found[row["key"]] = Concept(
            row["key"], int(row["concept_id"]), row["name"], row["domain"], row["vocabulary"],
            row["class"], row["code"], row["icd10"], parents,
        )  # fmt: skip
    return found


def concept_id(key: str) -> int:
    """The OMOP id of a key."""
    return concepts()[key].id


@functools.cache
def source_ids() -> dict[str, int]:
    """Key of a condition → id of its ICD-10-CM source concept."""
    coded = [c.key for c in concepts().values() if c.icd10]
    return {key: _FIRST_SOURCE_ID + i for i, key in enumerate(coded)}


def concept_rows() -> list[dict[str, object]]:
    """The `concept` table: standard concepts, then the ICD-10-CM source concepts."""
    rows = [
        _concept_row(c.id, c.name, c.domain, c.vocabulary, c.concept_class, c.code, "S" if c.id else None)
        for c in concepts().values()
    ]
    for key, source in source_ids().items():
        c = concepts()[key]
        rows.append(_concept_row(source, c.name, "Condition", "ICD10CM", "ICD10 code", c.icd10, None))
    return rows


def _concept_row(
    id_: int, name: str, domain: str, vocabulary: str, concept_class: str, code: str, standard: str | None
) -> dict[str, object]:
    return {
        "concept_id": id_,
        "concept_name": name,
        "domain_id": domain,
        "vocabulary_id": vocabulary,
        "concept_class_id": concept_class,
        "standard_concept": standard,
        "concept_code": code,
        "valid_start_date": _START,
        "valid_end_date": _END,
        "invalid_reason": None,
    }


def ancestor_rows() -> list[dict[str, object]]:
    """The `concept_ancestor` table: the closure of the parents, with the shortest and longest way up."""
    rows: list[dict[str, object]] = []
    for c in concepts().values():
        if c.domain not in ("Condition", "Drug"):
            continue
        for ancestor, (nearest, farthest) in sorted(_ways_up(c.key).items()):
            rows.append(
                {
                    "ancestor_concept_id": concept_id(ancestor),
                    "descendant_concept_id": c.id,
                    "min_levels_of_separation": nearest,
                    "max_levels_of_separation": farthest,
                }
            )
    return rows


def _ways_up(key: str) -> dict[str, tuple[int, int]]:
    found = {key: (0, 0)}
    for parent in concepts()[key].parents:
        for ancestor, (near, far) in _ways_up(parent).items():
            old = found.get(ancestor, (near + 1, far + 1))
            found[ancestor] = (min(old[0], near + 1), max(old[1], far + 1))
    return found


def relationship_rows() -> list[dict[str, object]]:
    """The `concept_relationship` table: each relation with its reverse, as in OMOP."""
    pairs: list[tuple[int, int, str, str]] = []
    for c in concepts().values():
        if c.id:
            pairs.append((c.id, c.id, "Maps to", "Mapped from"))
        pairs += [(c.id, concept_id(p), "Is a", "Subsumes") for p in c.parents]
    pairs += [(source, concept_id(key), "Maps to", "Mapped from") for key, source in source_ids().items()]
    rows = []
    for one, two, there, back in pairs:
        for left, right, name in ((one, two, there), (two, one, back)):
            rows.append(
                {
                    "concept_id_1": left,
                    "concept_id_2": right,
                    "relationship_id": name,
                    "valid_start_date": _START,
                    "valid_end_date": _END,
                    "invalid_reason": None,
                }
            )
    return rows


def vocabulary_rows() -> list[dict[str, object]]:
    """The `vocabulary` table."""
    names = sorted({c.vocabulary for c in concepts().values()} | {"ICD10CM"})
    return [
        {
            "vocabulary_id": name,
            "vocabulary_name": name,
            "vocabulary_reference": "Synthetic hospital of Kernel Guard",
            "vocabulary_version": "1",
            "vocabulary_concept_id": 0,
        }
        for name in names
    ]
