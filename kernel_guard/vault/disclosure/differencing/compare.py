"""Step 9: a new exact table against everything that was given exactly before.

- Statistics that can be set against each other are audited together (`isolation`), the new cells among themselves too.
- Rows of two data versions cannot be told apart by their place, nor rows of two tables: there, cells about almost the
  same patients are refused outright.
- Numbers that the pack rounds are protected by that, and are neither compared nor kept.
- The verdict names an earlier release and says "too few"; it never says who, or how many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pyroaring import BitMap

from kernel_guard.vault.disclosure.differencing.history import Published
from kernel_guard.vault.disclosure.differencing.isolation import Codes, Finding, Verdict, find
from kernel_guard.vault.disclosure.differencing.statistic import PATIENTS, Statistic

MOST_ELEMENTS = 400_000_000  # memberships looked at in one comparison
Owners = Callable[[str], Codes]


@dataclass(frozen=True)
class Conflict:
    """`release`: an earlier release that takes part, or "" where the new table's own numbers do it; `cells`: new cells
    that take part, as (measure, cell); `hidden`: what would be isolated is masked in this table, so that masking more
    of it would do."""

    verdict: Verdict
    release: str
    cells: tuple[tuple[str, int], ...]
    hidden: bool


def compare(
    new: Sequence[Published], masked: Sequence[Published], earlier: Sequence[Published], least: int, version: str,
    owners: Owners,
) -> Conflict | None:  # fmt: skip
    """The first conflict that is found; None: the table may be published.

    `masked` are the new table's cells that are not published; `owners` gives the patient of each row of a table.
    """
    for statistic in dict.fromkeys(cell.statistic for cell in new):
        fresh = [c for c in new if c.statistic.meets(statistic)]
        old = [c for c in earlier if c.statistic.meets(statistic)]
        found = _pairs(fresh, old, least, version) or _linear(
            statistic, fresh, [c for c in masked if c.statistic.meets(statistic)], old, least, version, owners
        )
        if found is not None:
            return found
    return None


def _linear(
    statistic: Statistic, fresh: list[Published], masked: list[Published], old: list[Published], least: int,
    version: str, owners: Owners,
) -> Conflict | None:  # fmt: skip
    by_patient = statistic.elements == PATIENTS
    fresh = [c for c in fresh if c.statistic.elements == statistic.elements]
    old = [
        c for c in old if c.statistic.elements == statistic.elements and (by_patient or c.data_version == version)
    ]  # fmt: skip

    def elements(cell: Published) -> Codes:
        return cell.patient_codes if by_patient else cell.record_codes

    before, after = [elements(c) for c in old], [elements(c) for c in fresh]
    if sum(map(len, before)) + sum(map(len, after)) > MOST_ELEMENTS:
        return Conflict(Verdict.TOO_LARGE, old[0].release if old else "", (), False)
    table = None if by_patient else owners(statistic.elements)
    found = find(before, after, least, None if table is None else lambda codes: table[codes])
    if found.verdict is Verdict.SAFE:
        return None
    return Conflict(
        found.verdict,
        old[found.old[-1]].release if found.old else "",
        tuple((fresh[i].measure, fresh[i].cell) for i in found.new),
        _is_hidden(found, [elements(c) for c in masked]),
    )


def _is_hidden(found: Finding, masked: list[Codes]) -> bool:
    """Whether everything that would be isolated lies in cells that the table masks anyway."""
    if found.elements is None or not masked:
        return False
    return bool(np.isin(found.elements, np.concatenate(masked)).all())


def _pairs(fresh: list[Published], old: list[Published], least: int, version: str) -> Conflict | None:
    """Cells whose elements cannot be compared, about almost (or, of two data versions, exactly) the same patients."""
    for cell in fresh:
        for other in old:
            same = cell.statistic.elements == other.statistic.elements
            by_patient = same and cell.statistic.elements == PATIENTS
            values = cell.statistic.kind == "values"
            if abs(len(cell.patients) - len(other.patients)) >= least:
                continue
            if by_patient and (not values or other.data_version == version):
                continue
            if same and not by_patient and other.data_version == version:
                continue
            apart = cell.patients.symmetric_difference_cardinality(other.patients)
            if apart < least and (apart or other.data_version != version):
                return Conflict(Verdict.ISOLATES, other.release, ((cell.measure, cell.cell),), False)
    return None


def as_bitmap(codes: Codes) -> BitMap:
    """A set of codes, as it is kept."""
    return BitMap(codes)
