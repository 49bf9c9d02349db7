"""What is proven about a table that lies somewhere: a release, or a file of a bundle; and what proves nothing."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kernel_guard.cli.verify_table import verify_table
from kernel_guard.errors import SignatureError
from kernel_guard.trust.keyring import KnownKey
from kernel_guard.trust.people import Role
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store import sqlite_url
from kernel_guard.vault.seal import sign
from tests.lib.desks import key, open_room, statement

VAULT = SigningKey.generate()
ROWS = [["f", 120, "exact"], ["m", 115, "exact"], ["=x", None, "fewer than 10 patients"]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle, packed and unpacked, a release as JSON, and the public keys."""
    folder = tmp_path_factory.mktemp("out")
    room = open_room(sqlite_url(folder / "store.sqlite"), folder)
    ana, bea = room.actor("ana", Role.RESEARCHER), room.actor("bea", Role.CHECKER)
    request = room.vote(bea, room.submitted(ana))
    request = room.reviews.approve(bea, request.id, "", key(request))
    room.reviews.release(bea, request.id, key(request))
    (folder / "bundle.zip").write_bytes(room.reading.bundle(ana, request.id).content)
    with zipfile.ZipFile(folder / "bundle.zip") as archive:
        archive.extractall(folder / "unpacked")
    known = [k.to_json() for k in room.ring.known()]
    vault = KnownKey(VAULT.public_bytes, known[0]["since"]).to_json()
    (folder / "keys.json").write_text(json.dumps({"version": 1, "keys": known, "vault": vault}))
    sealed = sign(statement(rows=ROWS), VAULT)
    (folder / "release.json").write_text(json.dumps({"statement": sealed.statement, "envelope": sealed.envelope}))
    room.store.close()
    return folder


def written(folder: Path, rows: list[list[Any]], head: list[str]) -> Path:
    path = folder / "table.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


PLAIN = [["f", "120"], ["m", "115"], ["=x", ""]]


def test_a_release_proves_itself(place: Path) -> None:
    found = verify_table(place / "release.json", place / "keys.json", None)
    assert found.ok and "signed by the vault" in str(found) and "Number of patients by sex" in str(found)
    assert found.to_json()["release"] == "r1"


def test_a_file_of_a_bundle_is_proven_packed_and_unpacked(place: Path, tmp_path: Path) -> None:
    files = [p for p in (place / "unpacked").rglob("*") if p.suffix in (".csv", ".parquet") and p.is_file()]
    assert {p.suffix for p in files} == {".csv", ".parquet"}
    for path in files:
        assert "bea (checker)" in str(verify_table(path, place / "keys.json", None))
        (tmp_path / path.name).write_bytes(path.read_bytes())
        assert verify_table(tmp_path / path.name, place / "keys.json", place / "bundle.zip").ok
        with pytest.raises(SignatureError, match="no signature of its own"):
            verify_table(tmp_path / path.name, place / "keys.json", None)
        (tmp_path / path.name).write_bytes(path.read_bytes() + b"\n")
        with pytest.raises(SignatureError, match="does not hold this file"):
            verify_table(tmp_path / path.name, place / "keys.json", place / "bundle.zip")


def test_a_table_with_the_signed_numbers_is_proven_by_its_release(place: Path, tmp_path: Path) -> None:
    proof = place / "release.json"
    assert verify_table(written(tmp_path, PLAIN, ["sex", "n"]), place / "keys.json", proof).ok
    parquet = tmp_path / "table.parquet"
    pq.write_table(pa.table({"sex": ["f", "m", "=x"], "n": [120, 115, None]}), parquet)
    assert verify_table(parquet, place / "keys.json", proof).ok


@pytest.mark.parametrize(
    ("head", "rows", "reason"),
    [
        (["sex", "n"], [["f", "121"], *PLAIN[1:]], "Row 1, column 'n'"),
        (["sex", "n"], [["f", "120"], ["m", "115"], ["=x", "3"]], "Row 3, column 'n'"),
        (["sex", "n"], [PLAIN[1], PLAIN[0], PLAIN[2]], "Row 1, column 'sex'"),
        (["sex", "n"], PLAIN[:2], "the release's rows"),
        (["sex", "n"], [["f", "x"], *PLAIN[1:]], "Row 1"),
        (["sex", "patients"], PLAIN, "the release's columns"),
        (["sex"], [[r[0]] for r in PLAIN], "the release's columns"),
        (["n"], [[r[1]] for r in PLAIN], "the release's columns"),
    ],
)
def test_a_table_with_other_numbers_is_refused(
    place: Path, tmp_path: Path, head: list[str], rows: list[list[Any]], reason: str
) -> None:
    with pytest.raises(SignatureError, match=reason):
        verify_table(written(tmp_path, rows, head), place / "keys.json", place / "release.json")


Change = Callable[[dict[str, Any]], None]


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["statement"]["rows"][0].__setitem__(1, 121),
        lambda r: r["statement"].__setitem__("project", "p2"),
        lambda r: r["envelope"].__setitem__("signatures", []),
        lambda r: r["envelope"].__setitem__("payload", "e30="),
    ],
)
def test_a_changed_release_proves_nothing(place: Path, tmp_path: Path, change: Change) -> None:
    release = json.loads((place / "release.json").read_text())
    change(release)
    (tmp_path / "release.json").write_text(json.dumps(release))
    with pytest.raises(SignatureError):
        verify_table(tmp_path / "release.json", place / "keys.json", None)


def test_a_changed_neighbour_in_an_unpacked_bundle_is_found(place: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(place / "bundle.zip") as archive:
        archive.extractall(tmp_path)
    (criteria,) = tmp_path.rglob("criteria.json")
    criteria.write_text(criteria.read_text() + " ")
    (table,) = tmp_path.rglob("*.csv")
    with pytest.raises(SignatureError, match="was changed"):
        verify_table(table, place / "keys.json", None)


def test_without_keys_nothing_is_said(place: Path) -> None:
    with pytest.raises(SignatureError, match="public keys"):
        verify_table(place / "release.json", None, None)
