"""What was given exactly before: the set behind each published cell, as Roaring bitmaps, with its statistic.

- Written in the transaction that commits the release, so that a number and its set are on record together.
- Cells that were masked, rounded or empty have no row: nothing exact was given.
- The sets are secret. They leave this package only as a verdict, and the name of a release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from kernel_guard.trust.store import Store, Transaction
from kernel_guard.trust.store.tables import released_sets
from kernel_guard.vault.disclosure.differencing.isolation import Codes
from kernel_guard.vault.disclosure.differencing.statistic import Statistic

Write = Callable[[Transaction, str], None]


@dataclass(frozen=True)
class Published:
    """A cell that was (or is about to be) published exactly; `part` numbers further sets behind the same number."""

    measure: str
    cell: int
    statistic: Statistic
    patients: BitMap
    records: BitMap | None
    release: str = ""
    data_version: str = ""
    part: int = 0

    @cached_property
    def patient_codes(self) -> Codes:
        return codes_of(self.patients)

    @cached_property
    def record_codes(self) -> Codes:
        return codes_of(self.records) if self.records is not None else np.empty(0, np.uint32)


def codes_of(bitmap: BitMap) -> Codes:
    """The elements of a bitmap, rising."""
    return np.frombuffer(bitmap.to_array(), np.uint32)


class History:
    """The sets of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def earlier(self, study: str, project: str, user: str, scope: str) -> list[Published]:
        """Everything given exactly from a study: to the project, and in the scope "people" to this person elsewhere."""
        t = released_sets.c
        whose = (t.project == project) | (t.user == user) if scope == "people" else t.project == project
        with self._store.read() as tx:
            rows = tx.execute(released_sets.select().where(t.study == study, whose).order_by(t.sequence)).all()
        return [
            Published(
                row.measure, row.cell, Statistic.parse(row.statistic), BitMap.deserialize(row.patients),
                None if row.records is None else BitMap.deserialize(row.records), row.release_id, row.data_version,
            )
            for row in rows
        ]  # fmt: skip


def writing(cells: Iterable[Published], *, study: str, project: str, user: str, data_version: str) -> Write:
    """What the commit of a release does besides: keep its sets."""
    kept = list(cells)

    def write(tx: Transaction, release: str) -> None:
        common = {"release_id": release, "study": study, "project": project, "user": user, "data_version": data_version}
        rows = [{**common, **_row(cell)} for cell in kept]
        if rows:
            tx.execute(released_sets.insert(), rows)

    return write


def _row(cell: Published) -> dict[str, object]:
    for bitmap in (cell.patients, cell.records):
        if bitmap is not None:
            bitmap.run_optimize()
    return {
        "measure": f"{cell.measure}|{cell.part}" if cell.part else cell.measure,
        "cell": cell.cell,
        "statistic": cell.statistic.text(),
        "patients": cell.patients.serialize(),
        "records": None if cell.records is None else cell.records.serialize(),
    }
