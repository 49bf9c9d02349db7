"""The synthetic hospital: the same seed, the same hospital; and what a clinician would expect to find in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from kernel_guard.errors import DatasetError
from kernel_guard.vault.catalogue.synthetic import generate

TABLES = {
    "person", "observation_period", "visit_occurrence", "condition_occurrence", "drug_exposure", "measurement",
    "procedure_occurrence", "death", "care_site", "concept", "concept_ancestor", "concept_relationship",
}  # fmt: skip
DIABETES, HBA1C, METFORMIN = 201826, 3004410, 40164929


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("made") / "omop"
    generate(folder, patients=6_000, seed=1)
    return {path.stem: pq.read_table(path).to_pandas() for path in folder.glob("*.parquet")}


def having(table: pd.DataFrame, column: str, concept: int) -> set[Any]:
    return set(table.loc[table[column] == concept, "person_id"])


def test_every_table_is_there_and_says_that_it_is_synthetic(hospital: dict[str, pd.DataFrame]) -> None:
    assert TABLES <= set(hospital) and all(len(hospital[name]) for name in TABLES)
    assert hospital["cdm_source"]["cdm_source_abbreviation"].tolist() == ["SYNTHETIC"]
    assert len(hospital["care_site"]) >= 4
    assert all("synthetic" in name for name in hospital["care_site"]["care_site_name"])


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        generate(tmp_path / name, patients=300, seed=seed)
    read = {n: pq.read_table(tmp_path / n / "measurement.parquet") for n in "abc"}
    assert read["a"].equals(read["b"]) and not read["a"].equals(read["c"])


def test_codes_used_are_in_the_vocabulary(hospital: dict[str, pd.DataFrame]) -> None:
    known = set(hospital["concept"]["concept_id"])
    for table, column in (
        ("condition_occurrence", "condition_concept_id"), ("drug_exposure", "drug_concept_id"),
        ("measurement", "measurement_concept_id"), ("procedure_occurrence", "procedure_concept_id"),
    ):  # fmt: skip
        assert set(hospital[table][column]) <= known | {0}, table


def test_every_row_has_its_patient_and_its_visit(hospital: dict[str, pd.DataFrame]) -> None:
    people = set(hospital["person"]["person_id"])
    visits = set(hospital["visit_occurrence"]["visit_occurrence_id"])
    for name in TABLES - {"care_site", "concept", "concept_ancestor", "concept_relationship"}:
        assert set(hospital[name]["person_id"]) <= people, name
        if "visit_occurrence_id" in hospital[name]:
            assert set(hospital[name]["visit_occurrence_id"].dropna()) <= visits, name


def test_labs_follow_conditions_and_treatment_follows_labs(hospital: dict[str, pd.DataFrame]) -> None:
    diabetic = having(hospital["condition_occurrence"], "condition_concept_id", DIABETES)
    labs = hospital["measurement"]
    hba1c = labs[(labs["measurement_concept_id"] == HBA1C) & labs["value_as_number"].between(3, 20)]
    ill = hba1c["person_id"].isin(diabetic)
    assert hba1c[ill]["value_as_number"].mean() > hba1c[~ill]["value_as_number"].mean() + 0.8
    treated = having(hospital["drug_exposure"], "drug_concept_id", METFORMIN)
    assert len(treated & diabetic) / len(diabetic) > 5 * len(treated - diabetic) / len(hospital["person"])


def test_outcomes_follow_age_and_illness(hospital: dict[str, pd.DataFrame]) -> None:
    people = hospital["person"].set_index("person_id")["year_of_birth"]
    dead = people.index.isin(hospital["death"]["person_id"])
    assert people[dead].mean() < people[~dead].mean() - 10
    diabetic = having(hospital["condition_occurrence"], "condition_concept_id", DIABETES)
    ill = people.index.isin(diabetic)
    assert dead[ill].mean() > dead[~ill].mean()


def test_admissions_have_a_season(hospital: dict[str, pd.DataFrame]) -> None:
    visits = hospital["visit_occurrence"]
    stays = pd.to_datetime(visits.loc[visits["visit_concept_id"].isin([9201, 262, 9203]), "visit_start_date"])
    months = stays.dt.month.value_counts()
    assert months[[12, 1, 2]].sum() > 1.05 * months[[6, 7, 8]].sum()


def test_missing_values_and_coded_missing_ones_are_there_as_traps(hospital: dict[str, pd.DataFrame]) -> None:
    values = hospital["measurement"]["value_as_number"]
    assert 0.001 < values.isna().mean() < 0.3
    assert (values.isin([-1, -9, 999, 9999, 99999])).any()


def test_a_number_out_of_range_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        generate(tmp_path / "x", patients=0)
    assert not (tmp_path / "x").exists()


def test_the_default_size_is_quick_and_small(tmp_path: Path) -> None:
    code = (
        "import re, sys\nfrom pathlib import Path\n"
        "from kernel_guard.vault.catalogue.synthetic import generate\n"
        "done = generate(Path(sys.argv[1]))\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())\n"  # of this program alone
        "print(done.patients, done.seconds, int(peak[1]) // 1024)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "h")], capture_output=True, text=True, check=True
    )
    patients, seconds, mebibytes = answer.stdout.split()
    assert int(patients) == 20_000 and int(mebibytes) < 1024
    assert float(seconds) < 20  # two on two cores
