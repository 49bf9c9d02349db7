"""The engine that runs in the vault: DuckDB over the Parquet files of one study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kernel_guard.errors import VaultUnavailable
from kernel_guard.plan.schema import Study
from kernel_guard.vault.engine.base import PartialRequest, Partials


class DuckDbEngine:
    """Read-only; `tables` maps each table's name to its Parquet file (or a folder of them)."""

    def __init__(
        self,
        study: Study,
        tables: Mapping[str, Path],
        salt: bytes,
        *,
        memory_limit: str = "4GB",
        threads: int = 2,
    ) -> None:
        self._study, self._tables, self._salt = study, tables, salt

    def partials(self, request: PartialRequest) -> Partials:
        """Run the plan; `InternalError` or `VaultUnavailable` when that cannot be done."""
        raise VaultUnavailable("The engine is being built.")
