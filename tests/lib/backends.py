"""Every engine over the same rows, so that a suite runs on each: `params=BACKENDS`, then `backend(request, …)`.

PostgreSQL is a real server, Spark a local one; where neither its Debian package nor Java is there, its tests skip.
"""

from __future__ import annotations

import dataclasses
import itertools
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kernel_guard.plan.schema import Study
from kernel_guard.vault.engine.base import Engine
from tests.lib.studies import SALT, STUDY, Tables, engines, write

BACKENDS = ["duckdb", "reference", "postgres", pytest.param("spark", marks=pytest.mark.slow)]
SPARK = {"spark.sql.shuffle.partitions": "2", "spark.driver.memory": "1g", "spark.sql.codegen.wholeStage": "false"}
CLUSTER = "local-cluster[2,1,1024]"  # a master, and two workers with an executor process each
_versions = itertools.count()


@contextmanager
def backend(request: Any, name: str, folder: Path, tables: Tables) -> Iterator[Engine]:
    """One engine over rows; `request` is pytest's, for the server that an engine may need."""
    if name in ("duckdb", "reference"):
        yield dict(zip(("duckdb", "reference"), engines(folder, tables), strict=True))[name]
        return
    paths = write(folder, tables)
    if name == "spark":
        if shutil.which("java") is None:
            pytest.skip("Spark needs Java: install default-jre-headless")
        yield spark(STUDY, paths)
        return
    with loaded(request.getfixturevalue("postgres"), paths) as engine:
        yield engine


def spark(study: Study, paths: Mapping[str, Path], master: str = CLUSTER) -> Engine:
    from kernel_guard.vault.engine.spark import SparkEngine

    return SparkEngine(study, paths, SALT, master=master, settings=SPARK)


@contextmanager
def loaded(connection: str, paths: Mapping[str, Path]) -> Iterator[Engine]:
    """Files in PostgreSQL, under a data version of their own."""
    import psycopg

    from kernel_guard.vault.engine.postgres import PostgresEngine, load, schema_of

    study = dataclasses.replace(STUDY, version=f"t{next(_versions)}")
    load(study, paths, connection)
    try:
        yield PostgresEngine(study, connection, SALT)
    finally:
        with psycopg.connect(connection) as session:
            session.execute(f"DROP SCHEMA {schema_of(study)} CASCADE".encode())
