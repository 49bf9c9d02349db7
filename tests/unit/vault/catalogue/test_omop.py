"""OMOP directories, real and broken, through the one door by which data come in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from kernel_guard.errors import DatasetError
from kernel_guard.plan.schema import TableKind
from kernel_guard.vault.catalogue.omop import read_omop
from kernel_guard.vault.catalogue.synthetic import generate


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "omop"
    generate(folder, patients=200, seed=3)
    return folder


@pytest.fixture
def omop(hospital: Path, tmp_path: Path) -> Path:
    """A directory that a test may break."""
    return Path(shutil.copytree(hospital, tmp_path / "omop"))


def change(folder: Path, table: str, how: Callable[[pa.Table], pa.Table]) -> None:
    path = folder / f"{table}.parquet"
    pq.write_table(how(pq.read_table(path)), path)


def with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, values)


def test_the_patient_key_is_found_and_every_column_is_typed(hospital: Path) -> None:
    study = read_omop(hospital, "h").study
    clinical = [t for t in study.tables if t.kind is not TableKind.REFERENCE]
    assert {t.patient_key for t in clinical} == {"person_id"} and len(clinical) >= 8
    assert study.table("person").kind is TableKind.PATIENT and study.table("death").kind is TableKind.PATIENT
    assert study.table("measurement").column("value_as_number").type == "float"
    assert study.table("measurement").column("measurement_date").type == "date"
    assert study.synthetic and study.cdm_version == "5.4"


def test_what_identifies_is_blocked_and_not_stored(hospital: Path, tmp_path: Path) -> None:
    ingest = read_omop(hospital, "h")
    for table in ingest.study.tables:
        for column in table.columns:
            if column.name.endswith("_source_value") or column.name in ("birth_datetime", "day_of_birth"):
                assert column.blocked and column.blocked_reason, column.name
    ingest.write(tmp_path)
    for path in tmp_path.rglob("*.parquet"):
        stored = pq.read_schema(path).names
        assert not [n for n in stored if n.endswith("_source_value") or n == "birth_datetime"], path.name


def test_patients_get_numbers_without_meaning(hospital: Path, tmp_path: Path) -> None:
    ingest = read_omop(hospital, "h")
    before = set(pq.read_table(hospital / "person.parquet")["person_id"].to_pylist())
    after = set(ingest.tables["person"]["person_id"].to_pylist())
    assert len(after) == len(before) and after == set(range(min(after), min(after) + len(after)))


def test_the_same_directory_gives_the_same_version_and_another_gives_another(hospital: Path, omop: Path) -> None:
    assert read_omop(hospital, "h").study.version == read_omop(omop, "h").study.version
    change(omop, "death", lambda t: t.slice(0, t.num_rows - 1))
    assert read_omop(omop, "h").study.version != read_omop(hospital, "h").study.version


def test_csv_is_taken_as_parquet_is(omop: Path) -> None:
    for path in list(omop.glob("*.parquet")):
        pacsv.write_csv(pq.read_table(path), path.with_suffix(".csv"))
        path.unlink()
    ingest = read_omop(omop, "h")
    assert ingest.tables["person"].num_rows == 200
    assert ingest.study.table("visit_occurrence").column("visit_start_date").type == "date"


BROKEN: dict[str, tuple[str, Callable[[pa.Table], pa.Table], tuple[str, ...]]] = {
    "no key": ("visit_occurrence", lambda t: t.drop_columns(["person_id"]), ("visit_occurrence", "patient key")),
    "unknown column": (
        "person", lambda t: t.append_column("shoe_size", pa.array([1] * t.num_rows)), ("person", "shoe_size"),
    ),
    "orphans": (
        "condition_occurrence",
        lambda t: with_column(t, "person_id", pc.add(t["person_id"], 10**9)),
        ("condition_occurrence", "person_id"),
    ),
    "mixed types": (
        "measurement",
        lambda t: with_column(t, "value_as_number", pa.array(["SECRET-CELL"] * t.num_rows)),
        ("measurement", "value_as_number"),
    ),
    "no person twice": ("person", lambda t: pa.concat_tables([t, t.slice(0, 3)]), ("person", "person_id")),
}  # fmt: skip


@pytest.mark.parametrize("harm", BROKEN)
def test_what_is_wrong_is_listed_where_it_is_wrong(omop: Path, harm: str) -> None:
    table, how, named = BROKEN[harm]
    change(omop, table, how)
    with pytest.raises(DatasetError) as caught:
        read_omop(omop, "h")
    text = str(caught.value)
    assert all(word in text for word in named) and caught.value.hint
    assert "SECRET-CELL" not in text


def test_all_problems_are_told_at_once(omop: Path) -> None:
    for harm in ("no key", "unknown column"):
        change(omop, *BROKEN[harm][:2])
    with pytest.raises(DatasetError) as caught:
        read_omop(omop, "h")
    assert "shoe_size" in str(caught.value) and "visit_occurrence" in str(caught.value)


def test_a_spoilt_file_is_named(omop: Path) -> None:
    path = omop / "person.parquet"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DatasetError) as caught:
        read_omop(omop, "h")
    assert "person" in str(caught.value)


def test_gibleed(data_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        read_omop(data_folder / "omop_gibleed", "g")  # observation_period has 2,649 people whom person has not
    assert "observation_period" in str(caught.value)
    ingest = read_omop(data_folder / "omop_gibleed", "g", on_orphans="drop")
    assert ingest.study.cdm_version == "5.3" and not ingest.study.synthetic
    assert ingest.tables["person"].num_rows == 2_694
    assert ingest.dropped["observation_period"] == 5_343 - ingest.tables["observation_period"].num_rows > 0
    ingest.write(tmp_path)
    uuids = pq.read_table(data_folder / "omop_gibleed" / "person.parquet")["person_source_value"].to_pylist()
    stored = b"".join(p.read_bytes() for p in tmp_path.rglob("*.parquet"))
    assert not any(uuid.encode() in stored for uuid in uuids)


def test_mimic_demo(data_folder: Path) -> None:
    ingest = read_omop(data_folder / "omop_mimic4_demo", "m")
    assert ingest.tables["person"].num_rows == 100
    ids = set(pq.read_table(data_folder / "omop_mimic4_demo" / "person.parquet")["person_id"].to_pylist())
    assert not ids & set(ingest.tables["person"]["person_id"].to_pylist())
    assert "location" not in ingest.tables and "location" not in {t.name for t in ingest.study.tables}


def test_synthea_5_4(data_folder: Path) -> None:
    study = read_omop(data_folder / "omop_synthea27nj", "s", on_orphans="drop").study
    assert study.cdm_version == "5.4" and study.table("person").patient_key == "person_id"
