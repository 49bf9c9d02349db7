"""Spark as an engine: the same Parquet files, read by a cluster's executors.

- One Spark application for the process, one session (with its own views) for each study's engine.
- Dates and times have no zone, and the session's is UTC; errors on overflow stay on, because none can happen.
- No message of Spark leaves: it may quote a cell. What it logs stays on the vault's side.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from kernel_guard.errors import InternalError, VaultUnavailable
from kernel_guard.plan.schema import Study
from kernel_guard.vault.engine.dialects import SPARK
from kernel_guard.vault.engine.partials import Rows
from kernel_guard.vault.engine.relations import RAW, RECORD
from kernel_guard.vault.engine.sql import SqlEngine

LOG = logging.getLogger("kernel_guard.vault")
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}


class SparkEngine(SqlEngine):
    """`tables` maps each table's name to a Parquet file that every executor can read; `master` names the cluster."""

    def __init__(
        self,
        study: Study,
        tables: Mapping[str, Path],
        salt: bytes,
        *,
        master: str = "local[2]",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(study, salt, SPARK)
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master(master).appName("kernel-guard")
        try:
            for key, value in {**_SETTINGS, **(settings or {})}.items():
                builder = builder.config(key, value)
            self._session = builder.getOrCreate().newSession()
            for name, path in tables.items():
                rows = self._session.read.parquet(os.fspath(path))
                rows.withColumn(RECORD, rows["_metadata.row_index"]).createOrReplaceTempView(f"{RAW}{name}")
        except Exception as error:
            raise _failure(error) from None

    def _fetch(self, sql: str) -> Rows:
        try:
            return [row.asDict() for row in self._session.sql(sql).collect()]
        except Exception as error:
            raise _failure(error) from None

    def _arrays(self, query: Any) -> dict[str, NDArray[Any]]:
        try:
            found = self._session.sql(self._dialect.sql(query)).toArrow()
        except Exception as error:
            raise _failure(error) from None
        return {name: found[name].to_numpy() for name in found.column_names}


def _failure(error: Any) -> InternalError | VaultUnavailable:
    """An error for the researcher, in our words; the operator's log has its type. Py4J's errors have no common root."""
    LOG.error("Spark failed: %s", type(error).__name__)
    if isinstance(error, PySparkException):
        return InternalError("The engine could not run this question.", hint="Tell the operator of the vault.")
    return VaultUnavailable("The vault cannot reach its Spark cluster.", hint="Try again, or tell the operator.")
