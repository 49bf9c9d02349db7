"""One pass over an OMOP directory: find, check, type, number the patients, store.

- The patient is the CDM's `person_id`; a number without meaning takes its place in every table.
- Blocked columns are not stored at all.
- All problems are shown at once, and with one there is nothing left behind.
- The version is a digest of schema and content: the same directory gives the same version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kernel_guard.plan.codec import canonical_json, encode
from kernel_guard.plan.schema import Study, Table, TableKind
from kernel_guard.vault.catalogue import cdm
from kernel_guard.vault.catalogue.atomic import whole_directory
from kernel_guard.vault.catalogue.omop import declarations, defaults, schema, source
from kernel_guard.vault.catalogue.omop.problems import Problems

HINT = "Mend the files, or give --on-orphans drop where only rows of unknown patients are wrong."
_PERSON = "person_id"
NUMBERS = "numbers.parquet"


@dataclass(frozen=True)
class Ingest:
    """A checked data set that is ready to be stored; `dropped` counts the rows of unknown patients per table."""

    study: Study
    tables: Mapping[str, pa.Table]
    dropped: Mapping[str, int]
    numbers: pa.Table

    def write(self, data: Path) -> Study:
        """Store it as `<data>/<name>/<version>/<table>.parquet`, whole or not at all."""
        target = data / self.study.name / self.study.version
        self._keep_numbers(data / self.study.name)
        if not (target.is_dir() and any(target.iterdir())):
            with whole_directory(target, mode=0o700) as scratch:
                for name, table in self.tables.items():
                    pq.write_table(table, scratch / f"{name}.parquet", compression="zstd", row_group_size=256 * 1024)
        return self.study

    def _keep_numbers(self, folder: Path) -> None:
        """Each version's own file, beside its data: a later version reads the longest and goes on from it."""
        with whole_directory(folder / f"numbers-{self.study.version}", mode=0o700, replace=True) as scratch:
            pq.write_table(self.numbers, scratch / NUMBERS, compression="zstd")


def read_omop(
    directory: Path, name: str, on_orphans: Literal["error", "drop"] | str = "error", *, data: Path | None = None
) -> Ingest:
    """Read and check a directory of OMOP CDM tables; patients that `data` knows from an earlier version keep their
    number, so that exact releases of two versions can be compared.

    Raises `DatasetError` with a table of everything that is wrong, in numbers of rows and never a cell.
    """
    problems = Problems()
    declared = declarations.load(directory)
    files = source.find(directory, problems)
    problems.stop(HINT)
    about = _about(files, problems)
    version = "5.4" if str(about.get("cdm_version") or "").lstrip("v").startswith("5.4") else "5.3"
    wanted = _fields(files, cdm.tables(version), problems)
    tables = {n: t for n, f in wanted.items() if (t := source.read(files[n], _stored(n, f, declared), problems))}
    problems.stop(HINT)
    dropped = _check_patients(tables, problems, drop=on_orphans == "drop")
    problems.stop(HINT)
    vocabulary = schema.Vocabulary(
        tables.get("concept") if declared.public_vocabulary else None,
        tables.get("care_site") if declared.public_care_sites else None,
    )
    listed = [schema.table_of(n, f, declared, vocabulary) for n, f in wanted.items()]
    study = Study(
        name,
        declared.title or str(about.get("cdm_source_name") or name),
        tuple(listed),
        version="",
        description=declared.description,
        synthetic=about.get("cdm_source_abbreviation") == "SYNTHETIC",
        cdm_version=version,
    )
    numbers = _numbers(tables["person"], _known(data / name if data else None))
    numbered = {name: _clustered(table, numbers, study.table(name)) for name, table in tables.items()}
    made = replace(study, version=_version(study, numbered))
    return Ingest(made, numbered, dropped, pa.table({_PERSON: numbers}))


def _about(files: dict[str, source.TableFile], problems: Problems) -> dict[str, object]:
    """The first row of `cdm_source`: which CDM it is and what it is called."""
    file = files.get("cdm_source")
    if file is None:
        return {}
    fields = [f for f in cdm.tables("5.3")["cdm_source"] if f.name in file.columns and f.is_text]
    table = source.read(file, fields, problems)
    return dict(table.slice(0, 1).to_pylist()[0]) if table is not None and table.num_rows else {}


def _fields(
    files: dict[str, source.TableFile], standard: dict[str, tuple[cdm.CdmField, ...]], problems: Problems
) -> dict[str, list[cdm.CdmField]]:
    """Table → its fields that are there; only tables of patients, vocabularies and care sites are taken in."""
    wanted: dict[str, list[cdm.CdmField]] = {}
    if "person" not in files:
        problems.add("person", "", "the table is missing")
    for name, file in files.items():
        if name not in standard:
            problems.add(name, "", "the CDM has no such table")
            continue
        known = {f.name: f for f in standard[name]}
        for column in file.columns.keys() - known.keys():
            problems.add(name, column, "the CDM has no such column")
        for field in standard[name]:
            if field.name not in file.columns and (field.required or field.name == _PERSON):
                what = "the patient key is missing" if field.name == _PERSON else "a required column is missing"
                problems.add(name, field.name, what)
        if cdm.patient_key(standard[name]) or name in defaults.VOCABULARY or name == "care_site":
            wanted[name] = [f for f in standard[name] if f.name in file.columns]
    problems.stop(HINT)
    return wanted


def _stored(table: str, fields: list[cdm.CdmField], declared: declarations.Declarations) -> list[cdm.CdmField]:
    """The fields that are read at all: blocked ones are not."""
    empty = schema.Vocabulary(None, None)
    shown = schema.table_of(table, fields, declared, empty)
    return [f for f in fields if not shown.column(f.name).blocked]


def _check_patients(tables: dict[str, pa.Table], problems: Problems, *, drop: bool) -> dict[str, int]:
    """Every row belongs to a known patient, and patients stand once where they should; replaces `tables`' entries."""
    persons = tables["person"][_PERSON]
    dropped: dict[str, int] = {}
    for name, table in list(tables.items()):
        if _PERSON not in table.column_names:
            continue
        known = pc.is_in(table[_PERSON], value_set=persons.combine_chunks(), skip_nulls=True)
        orphans = table.num_rows - known.combine_chunks().true_count
        if orphans and drop and name != "person":
            tables[name], dropped[name] = table.filter(known), orphans
        elif orphans:
            problems.add(name, _PERSON, "rows of a patient who is not in person", orphans)
        if name in schema.ONE_ROW:
            twice = tables[name].num_rows - pc.count_distinct(tables[name][_PERSON], mode="all").as_py()
            if twice:
                problems.add(name, _PERSON, "more than one row for one patient", twice)
    return dropped


def _known(folder: Path | None) -> Any:
    """The ids of the patients of earlier versions, in the order of their numbers."""
    files = sorted(folder.glob(f"numbers-*/{NUMBERS}")) if folder is not None else []
    found = [pq.read_table(file)[_PERSON].combine_chunks() for file in files]
    return max(found, key=len, default=None)


def _numbers(person: pa.Table, known: Any) -> Any:
    """Patients' ids in the order of their numbers 1, 2, …: those known before, then new ones."""
    persons = person[_PERSON].combine_chunks()
    persons = persons.take(pc.sort_indices(persons))
    if known is None:
        return persons
    known = known.cast(persons.type)
    new = persons.filter(pc.invert(pc.is_in(persons, value_set=known)))
    return pa.concat_arrays([known, new])


def _clustered(table: pa.Table, persons: Any, shape: Table) -> pa.Table:
    if shape.kind is TableKind.REFERENCE:
        return table
    numbers = pc.add(pc.index_in(table[_PERSON], value_set=persons), 1).cast(pa.int64())
    numbered = table.set_column(table.column_names.index(_PERSON), _PERSON, numbers)
    return numbered.take(pc.sort_indices(numbered[_PERSON]))


def _version(study: Study, tables: Mapping[str, pa.Table]) -> str:
    """A digest of the schema and of every stored value."""
    digest = hashlib.sha256(canonical_json(encode(study)))
    for name, table in sorted(tables.items()):
        digest.update(f"\n{name} {table.num_rows}\n".encode())
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        digest.update(memoryview(sink.getvalue()))
    return digest.hexdigest()[:16]
