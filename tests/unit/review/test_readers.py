"""A bundle opens in the tools that people have: the public RO-Crate validator, and ACRO's own loader.

- Each tool gets an environment of its own: its pins are not ours. What cannot be installed fails the test.
"""

from __future__ import annotations

import json
import subprocess
import venv
import zipfile
from pathlib import Path

import pytest

from kernel_guard.trust.people import Role
from kernel_guard.trust.store import sqlite_url
from tests.lib.desks import key, open_room, release, table
from tests.unit.review.test_bundle import FIGURE

pytestmark = pytest.mark.slow
VALIDATOR, ACRO = "roc-validator==0.13.0", "acro==1.0.2"
LOAD = """
import json, sys
from acro.record import load_records
records = load_records(sys.argv[1])
print(json.dumps({r.uid: [r.output_type, r.status, len(r.output)] for r in records.results.values()}))
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The payload of a real bundle, unpacked."""
    folder = tmp_path_factory.mktemp("bundle")
    room = open_room(sqlite_url(folder / "store.sqlite"), folder)
    ana, bea = room.actor("ana", Role.RESEARCHER), room.actor("bea", Role.CHECKER)
    request = room.vote(bea, room.submitted(ana, release(), table(), FIGURE))
    request = room.reviews.approve(bea, request.id, "", key(request))
    room.reviews.release(bea, request.id, key(request))
    packed = folder / "bundle.zip"
    packed.write_bytes(room.reading.bundle(ana, request.id).content)
    room.store.close()
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder / "bag")
    (found,) = (folder / "bag").glob("*/data")
    return found


def tool(folder: Path, package: str) -> Path:
    """The folder of commands of an environment that holds one package."""
    venv.create(folder / "env", with_pip=True)
    commands = folder / "env" / "bin"
    subprocess.run([commands / "pip", "install", "-q", package], check=True, capture_output=True, timeout=500)
    return commands


@pytest.mark.parametrize("level", ["REQUIRED", "RECOMMENDED"])
def test_the_public_validator_finds_no_fault(data: Path, tmp_path: Path, level: str) -> None:
    report = tmp_path / "report.json"
    command = [tool(tmp_path, VALIDATOR) / "rocrate-validator", "--disable-color", "-y", "validate", "--offline"]
    options = ["-p", "ro-crate-1.1", "-l", level, "--no-paging", "-f", "json", "-o", report, data]
    subprocess.run([*command, *options], capture_output=True, timeout=300)
    found = json.loads(report.read_text())
    assert found["passed"] is True and found["issues"] == []


def test_acros_own_loader_reads_every_output(data: Path, tmp_path: Path) -> None:
    command = [tool(tmp_path, ACRO) / "python", "-c", LOAD, str(data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert [entry[:2] for entry in read.values()] == [["table", "pass"], ["table", "pass"], ["custom", "pass"]]
    assert all(entry[2] >= 1 for entry in read.values())
