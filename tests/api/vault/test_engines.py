"""A vault whose settings choose another engine answers the same questions, and says what it lacks when it cannot."""

from __future__ import annotations

import dataclasses
import shutil
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from kernel_guard.errors import ConfigError, DatasetError, PolicyForbids, VaultUnavailable
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Mean
from kernel_guard.plan.expressions import ColumnRef, Compare, Literal
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Filter, Join, Source
from kernel_guard.vault.admin import add_dataset, add_grant
from kernel_guard.vault.catalogue.synthetic import generate
from kernel_guard.vault.config import init_folder
from kernel_guard.vault.wiring import open_gate, open_parts

NAME = "hospital"
BY_SEX = Key("gender_concept_id", (8507, 8532))
PEOPLE = Join(Source(NAME, "measurement"), Source(NAME, "person"))
PLAN = Aggregate(PEOPLE, (CountPatients("n"), Mean("m", "value_as_number")), (BY_SEX,))


@pytest.fixture(scope="module")
def omop() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kgo-"))
    generate(folder, patients=300, seed=3)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def vault_with(folder: Path, lines: str) -> Path:
    settings = init_folder(folder, synthetic_only=True)
    settings.write_text(settings.read_text() + lines)
    return settings


@pytest.fixture(scope="module")
def exact(omop: Path, tmp_path_factory: pytest.TempPathFactory) -> list[list[object]]:
    """What a vault on DuckDB answers exactly."""
    return check_answers(vault_with(tmp_path_factory.mktemp("duckdb"), ""), omop)


def check_answers(settings: Path, omop: Path) -> list[list[object]]:
    """Through the whole gate: a private answer of the usual form, and the exact one, which protects itself after."""
    add_dataset(settings, NAME, omop, {"routes": ["dp", "sdc"], "threshold": 10})
    token = add_grant(settings, user="ana", project="p", studies=[NAME], purpose="tests", days=1)
    from kernel_guard.vault.config import load_config

    gate = open_gate(load_config(settings))
    try:
        statement = gate.release(token, Ask(PLAN, Route.DP, epsilon=Fraction(2))).statement
        patients = [row[1] for row in statement["rows"]]
        assert [row[0] for row in statement["rows"]] == [8507, 8532] and 50 < min(patients) < max(patients) < 250
        exact = gate.release(token, Ask(PLAN, Route.SDC)).statement["rows"]
        fewer = Filter(PEOPLE, Compare("gt", ColumnRef("year_of_birth"), Literal(1919)))
        with pytest.raises(PolicyForbids) as caught:  # the same without the oldest: the difference is about them
            gate.release(token, Ask(dataclasses.replace(PLAN, source=fewer), Route.SDC))
        assert caught.value.details["earlier_release"]
        return list(exact)
    finally:
        gate.close()


def test_postgres_answers(omop: Path, tmp_path: Path, postgres: str, exact: list[list[object]]) -> None:
    assert check_answers(vault_with(tmp_path, f'engine = "postgres"\ndatabase = "{postgres}"\n'), omop) == exact


@pytest.mark.slow
def test_spark_answers(omop: Path, tmp_path: Path, exact: list[list[object]]) -> None:
    assert check_answers(vault_with(tmp_path, 'engine = "spark"\ncluster = "local[2]"\n'), omop) == exact


def test_a_database_that_is_away_leaves_no_data_set_behind(omop: Path, tmp_path: Path) -> None:
    settings = vault_with(tmp_path, f'engine = "postgres"\ndatabase = "host={tmp_path} dbname=x"\n')
    with pytest.raises(VaultUnavailable):
        add_dataset(settings, NAME, omop, {"routes": ["dp"], "threshold": 10})
    from kernel_guard.vault.config import load_config

    parts = open_parts(load_config(settings))
    assert parts.registry.names() == []
    parts.store.close()


def test_an_engine_that_is_not_installed_is_named(omop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = vault_with(tmp_path, 'engine = "postgres"\ndatabase = "host=/nowhere dbname=x"\n')
    monkeypatch.setitem(sys.modules, "kernel_guard.vault.engine.postgres", None)
    with pytest.raises(ConfigError) as caught:
        add_dataset(settings, NAME, omop, {"routes": ["dp"], "threshold": 10})
    assert "kernel-guard[postgres]" in str(caught.value.public())


def test_a_text_that_postgres_cannot_hold_loads_nothing(tmp_path: Path, postgres: str) -> None:
    import psycopg

    from kernel_guard.vault.engine.postgres import load, schema_of
    from tests.lib.studies import STUDY, write

    study = dataclasses.replace(STUDY, version="nul")
    row = {"pid": 1, "ward": 1, "at": None, "lab": 1.0, "score": 1, "text": "protected\x00value"}
    with pytest.raises(DatasetError) as caught:
        load(study, write(tmp_path, {"person": [], "visit": [row]}), postgres)
    assert "protected" not in str(caught.value.public())
    with psycopg.connect(postgres) as session:
        assert not session.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema_of(study)]).fetchall()
