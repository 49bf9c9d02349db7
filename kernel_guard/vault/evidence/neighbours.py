"""Differencing evidence: an item's exact releases against everything else that was given exactly, as it stands now.

- The gate compared each release with what came before it. Here the item's releases are compared, together, with all
  others, later ones too, by the same audit over the same stored sets.
- Of releases about overlapping patients a checker is told which, how they overlap, and by how many patients, in bands,
  they differ.
- The sets never leave; a verdict and bands do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

from kernel_guard.vault.disclosure.differencing.compare import Owners, compare
from kernel_guard.vault.disclosure.differencing.history import Published
from kernel_guard.vault.disclosure.differencing.isolation import Verdict
from kernel_guard.vault.evidence.bands import band

MOST_TOLD = 10
Json = dict[str, Any]
_SAID = {
    Verdict.ISOLATES: ("fail", "Set against another release, this one is about too few patients."),
    Verdict.TOO_LARGE: ("unknown", "There are too many cells for a complete comparison."),
}


@dataclass(frozen=True)
class Neighbour:
    """An earlier or later release about some of the same patients."""

    release: str
    relation: str
    apart: int


def differencing(mine: list[Published], others: list[Published], threshold: int, version: str, owners: Owners) -> Json:
    """The verdict over all combinations, and the releases that come nearest."""
    verdict, detail = "pass", f"No combination with them is about fewer than {threshold} patients."
    conflict = compare(mine, [], others, threshold, version, owners) if mine else None
    if conflict is not None:
        verdict, detail = _SAID.get(conflict.verdict, _SAID[Verdict.TOO_LARGE])
    near = neighbours(mine, others)
    return {
        "compared": len({cell.release for cell in others}),
        "cells": len(others),
        "same_cohort": sum(1 for n in near if n.relation == "same"),
        "verdict": verdict,
        "detail": detail,
        "nearest": [
            {"release": n.release, "relation": n.relation, "apart": "0" if not n.apart else band(n.apart, threshold)}
            for n in near[:MOST_TOLD]
        ],
    }


def neighbours(mine: Iterable[Published], others: Iterable[Published]) -> list[Neighbour]:
    """Releases that share patients with these, the nearest first."""
    ours = BitMap.union(*(cell.patients for cell in mine)) if (mine := list(mine)) else BitMap()
    sets: dict[str, BitMap] = {}
    for cell in others:
        sets[cell.release] = sets.get(cell.release, BitMap()) | cell.patients
    found = [
        Neighbour(release, _relation(ours, theirs), ours.symmetric_difference_cardinality(theirs))
        for release, theirs in sets.items()
        if ours.intersect(theirs)
    ]
    return sorted(found, key=lambda n: n.apart)


def _relation(ours: BitMap, theirs: BitMap) -> str:
    if ours == theirs:
        return "same"
    if ours <= theirs:
        return "within"
    return "contains" if ours >= theirs else "overlaps"
