"""Dense codes of patients: small whole numbers that stand for the patient key in sets of patients.

- A patient keeps their code in every later version of a data set, so that releases of two versions can be compared.
- The codes lie beside the data, in the vault's own folder; they say nothing without it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kernel_guard.plan.schema import Study

RECORD = "__record"
PATIENTS = "raw___patients"
KEY, CODE = "__key", "__code"


def codes_file(folder: Path, version: str) -> Path:
    """Where the codes of a data version lie in a study's folder."""
    return folder / f"patients-{version}.parquet"


def load_codes(database: Any, study: Study, tables: Mapping[str, Path], file: Path | None) -> None:
    """Give the database a table of codes; the first time for a version it is made, after those of earlier versions."""
    if file is not None and file.is_file():
        database.execute(f"CREATE TABLE {PATIENTS} AS SELECT * FROM {_parquet(file)}")
        return
    earlier = sorted(file.parent.glob("patients-*.parquet")) if file is not None else []
    known = " UNION ".join(f"SELECT * FROM {_parquet(path)}" for path in earlier)
    database.execute(f"CREATE TEMP TABLE __known AS {known}" if known else _empty(study, tables))
    keys = " UNION ".join(
        f'SELECT "{t.patient_key}" AS {KEY} FROM {_parquet(tables[t.name])}' for t in study.tables if t.patient_key
    )
    database.execute(
        f"CREATE TABLE {PATIENTS} AS SELECT * FROM __known UNION ALL SELECT {KEY}, (coalesce((SELECT max({CODE}) "
        f"FROM __known), -1) + row_number() OVER (ORDER BY {KEY}))::UINTEGER AS {CODE} FROM ({keys}) "
        f"WHERE {KEY} IS NOT NULL AND {KEY} NOT IN (SELECT {KEY} FROM __known)"
    )
    database.execute("DROP TABLE __known")
    if file is not None:
        _keep(database, file)


def _empty(study: Study, tables: Mapping[str, Path]) -> str:
    table = next(t for t in study.tables if t.patient_key)
    source = _parquet(tables[table.name])
    return (
        f'CREATE TEMP TABLE __known AS SELECT "{table.patient_key}" AS {KEY}, 0::UINTEGER AS {CODE} '
        f"FROM {source} WHERE false"
    )


def _keep(database: Any, file: Path) -> None:
    """Written whole or not at all: a half-written file would give patients new codes."""
    draft = file.with_suffix(".new")
    quoted = str(draft).replace("'", "''")
    database.execute(f"COPY {PATIENTS} TO '{quoted}' (FORMAT parquet)")
    os.chmod(draft, 0o600)
    os.replace(draft, file)


def _parquet(path: Path) -> str:
    quoted = str(path).replace("'", "''")
    return f"read_parquet('{quoted}')"
