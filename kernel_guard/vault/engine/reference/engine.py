"""The reference engine: everything that an engine answers, over rows in memory."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kernel_guard.plan.schema import Study
from kernel_guard.vault.engine.base import PartialRequest, Partials
from kernel_guard.vault.engine.evidence import Codes, Evidence, Members
from kernel_guard.vault.engine.reference import exact
from kernel_guard.vault.engine.reference.partials import Answer
from kernel_guard.vault.engine.reference.relations import Relations, Tables


class ReferenceEngine:
    """`tables` maps each table's name to its rows (`pyarrow.Table.to_pylist()` gives such)."""

    def __init__(self, study: Study, tables: Tables, salt: bytes) -> None:
        self._study, self._tables, self._salt = study, tables, salt
        self._relations = Relations(study, tables)

    def partials(self, request: PartialRequest) -> Partials:
        source = request.plan.source
        return Answer(request, self._relations.rows(source), self._relations.shape(source), self._salt).all()

    def evidence(self, request: PartialRequest) -> Evidence:
        """Patients, rows, sums and largest parts of every cell."""
        return exact.evidence(request, self._relations)

    def members(self, request: PartialRequest) -> Mapping[str, Members]:
        """Who stands behind the cells of each measure."""
        return exact.members(request, self._relations)

    def owners(self, table: str) -> Codes:
        """The patient of each stored row of a table, by the row's place."""
        key = str(self._study.table(table).patient_key)
        return np.array([row[key] or 0 for row in self._tables[table]], np.uint32)
