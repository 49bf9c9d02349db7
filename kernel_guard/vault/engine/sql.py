"""An engine that answers in SQL: all of it but the connection.

- A plan becomes Ibis tables and queries (`relations`, `partials`), and these the dialect's SQL.
- No message of a database leaves: it may quote a cell.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from numpy.typing import NDArray

from kernel_guard.plan.columns import columns_read
from kernel_guard.plan.schema import Study
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.engine import exact
from kernel_guard.vault.engine.base import PartialRequest, Partials
from kernel_guard.vault.engine.dialects import Dialect
from kernel_guard.vault.engine.evidence import Codes, Evidence, Members
from kernel_guard.vault.engine.members import members, owners
from kernel_guard.vault.engine.partials import PartialQueries, Rows
from kernel_guard.vault.engine.relations import Relations, raw_table


class SqlEngine(ABC):
    """Read-only, and safe to use from several threads.

    `salt` decides which cells of a patient count where there are too many; it is the vault's secret.
    """

    def __init__(self, study: Study, salt: bytes, dialect: Dialect) -> None:
        self._study = study
        self._salt = salt
        self._dialect = dialect

    def partials(self, request: PartialRequest) -> Partials:
        """Run the plan; `InternalError` or `VaultUnavailable` when that cannot be done."""
        shape, table = self._source(request)
        queries = PartialQueries(
            request,
            table,
            self._run,
            self._salt,
            self._dialect,
            one_row=shape.one_row_per_patient,
            key=shape.patient_key,
        )
        return queries.answer()

    def evidence(self, request: PartialRequest) -> Evidence:
        """Patients, rows, sums and largest parts of every cell, for the rules of the exact route."""
        shape, table = self._source(request)
        return exact.evidence(
            request, table, self._run, self._dialect, one_row=shape.one_row_per_patient, key=shape.patient_key
        )

    def members(self, request: PartialRequest) -> dict[str, Members]:
        """Who stands behind the cells of each measure of an exact table."""
        return members(request, self._study, self._arrays, self._dialect)

    def owners(self, table: str) -> Codes:
        """The patient of each stored row of a table, by the row's place; 0 where there is none."""
        return owners(self._study.table(table), self._arrays)

    def _source(self, request: PartialRequest) -> tuple[Shape, Any]:
        relations = Relations(self._study, lambda name: raw_table(self._study.table(name)), columns_read(request.plan))
        return relations.shape(request.plan.source), relations.table(request.plan.source)

    def _run(self, query: Any) -> Rows:
        return self._fetch(self._dialect.sql(query))

    @abstractmethod
    def _fetch(self, sql: str) -> Rows:
        """Rows of an answer, or an error in our words."""

    @abstractmethod
    def _arrays(self, query: Any) -> dict[str, NDArray[Any]]:
        """The columns of an answer in whole numbers, as arrays, or an error in our words."""
