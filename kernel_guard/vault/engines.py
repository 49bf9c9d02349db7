"""Which engine answers a vault's questions, and where it keeps a data set: chosen in the settings, made here.

- Each engine's packages are loaded when it is chosen: a vault on DuckDB needs neither psycopg nor PySpark.
- DuckDB and Spark read the data set's Parquet files where they are; PostgreSQL gets a copy when a data set is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kernel_guard.errors import ConfigError
from kernel_guard.plan.schema import Study
from kernel_guard.trust import private_file
from kernel_guard.vault.config import VaultConfig
from kernel_guard.vault.engine.base import Engine
from kernel_guard.vault.engine.duckdb import DuckDbEngine


def make_engine(config: VaultConfig, study: Study, files: Mapping[str, Path], salt: bytes) -> Engine:
    """The engine of one data version."""
    if config.engine == "duckdb":
        return DuckDbEngine(study, files, salt, memory_limit=config.memory_limit, threads=config.threads)
    try:
        if config.engine == "postgres":
            from kernel_guard.vault.engine.postgres import PostgresEngine

            return PostgresEngine(study, config.database, salt, password=_password(config))
        from kernel_guard.vault.engine.spark import SparkEngine
    except ImportError:
        raise _missing(config.engine) from None
    memory = config.memory_limit.removesuffix("B").lower()
    return SparkEngine(study, files, salt, master=config.cluster, settings={"spark.driver.memory": memory})


def lay_out(config: VaultConfig, study: Study, files: Mapping[str, Path]) -> None:
    """Bring a data set to where the engine reads it; whole or not at all."""
    if config.engine != "postgres":
        return
    try:
        from kernel_guard.vault.engine.postgres import load
    except ImportError:
        raise _missing(config.engine) from None
    load(study, files, config.database, password=_password(config))


def _password(config: VaultConfig) -> str | None:
    """The database's password, where there is one: a peer on a unix socket needs none."""
    path = config.database_password
    return private_file.read(path).decode().strip() if path.exists() else None


def _missing(engine: str) -> ConfigError:
    return ConfigError(
        f"vault.engine: {engine!r} needs packages that are not installed.",
        hint=f"pip install 'kernel-guard[{engine}]'",
    )
