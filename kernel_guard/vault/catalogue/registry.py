"""Which data sets the vault holds: schema, policy and files, one row each in the store.

- A data set appears with its row: files that were written without it are not seen.
- A new version replaces the row; the old version's files stay until the steward deletes them.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from kernel_guard.errors import NotFound
from kernel_guard.plan.codec import canonical_json, encode, study_from_json
from kernel_guard.plan.schema import Study
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.store import Store
from kernel_guard.trust.store.tables import datasets
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.vault.policy.dataset import DatasetPolicy


@dataclass(frozen=True)
class Dataset:
    """A data set: its schema with its version, its policy, and where its Parquet files are."""

    study: Study
    policy: DatasetPolicy
    folder: Path

    def files(self) -> dict[str, Path]:
        """Table name → Parquet file."""
        return _files(self.folder, self.study)


def dataset_files(data: Path, study: Study) -> dict[str, Path]:
    """Table name → Parquet file of a data set in the vault's data folder."""
    return _files(data / study.name / study.version, study)


@functools.lru_cache(maxsize=32)
def _study(text: str) -> Study:
    """A stored schema: reading a large one takes longer than answering a question again."""
    return study_from_json(json.loads(text))


def _files(folder: Path, study: Study) -> dict[str, Path]:
    return {table.name: folder / f"{table.name}.parquet" for table in study.tables}


class Registry:
    """The data sets of one store."""

    def __init__(self, store: Store, audit: AuditLog, data: Path) -> None:
        self._store = store
        self._audit = audit
        self._data = data

    def names(self) -> list[str]:
        with self._store.read() as tx:
            return [row.name for row in tx.execute(datasets.select().order_by(datasets.c.name))]

    def policies(self) -> dict[str, DatasetPolicy]:
        """Every data set's policy, without reading its schema."""
        with self._store.read() as tx:
            rows = tx.execute(datasets.select().with_only_columns(datasets.c.name, datasets.c.policy)).all()
        return {row.name: DatasetPolicy.from_json(json.loads(row.policy)) for row in rows}

    def get(self, name: str) -> Dataset:
        """A data set by name, or `NotFound`."""
        with self._store.read() as tx:
            row = tx.execute(datasets.select().where(datasets.c.name == name)).one_or_none()
        if row is None:
            raise NotFound(f"There is no study {name!r} here.", hint="kg.studies() lists yours.")
        study = _study(row.study)
        return Dataset(study, DatasetPolicy.from_json(json.loads(row.policy)), self._data / name / study.version)

    def put(self, study: Study, policy: DatasetPolicy, *, by: str) -> None:
        """Add a data set, or a new version or policy of it."""
        values = {
            "version": study.version,
            "study": canonical_json(encode(study)).decode(),
            "policy": canonical_json(policy.to_json()).decode(),
            "created": to_text(utc_now()),
        }
        with self._store.write() as tx:
            here = datasets.c.name == study.name
            if tx.execute(datasets.update().where(here).values(values)).rowcount == 0:
                tx.execute(datasets.insert().values(name=study.name, **values))
            details = {"version": study.version, "policy": policy.to_json(), "synthetic": study.synthetic}
            self._audit.append(tx, AuditEvent("dataset.put", by, study=study.name, subject=study.name, details=details))
