"""Packages that the steward allows: importable in the kernel, not to be changed by it, never in front of others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lib.kernels import Session, open_session


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / "hospital_tools.py").write_text("answer = 42\n")
    (folder / "json.py").write_text("raise SystemExit('an added package stood in front')\n")
    (folder / "evil.pth").write_text("import os; os.environ['PTH_RAN'] = '1'\n")
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


@pytest.fixture
def session(guarded: dict[str, str], packages: Path) -> Iterator[Session]:
    with open_session({**guarded, "KERNEL_GUARD_PACKAGES": str(packages)}) as opened:
        yield opened


def test_they_are_there_read_only_and_last(session: Session, packages: Path) -> None:
    assert session.run("import hospital_tools; print(hospital_tools.answer)").text.strip() == "42"
    assert "42" in session.run("!python -c 'import hospital_tools; print(hospital_tools.answer)'").text
    session.run(f"open('{packages}/hospital_tools.py', 'w').write('answer = 43')")
    assert (packages / "hospital_tools.py").read_text() == "answer = 42\n"
    assert "None" in session.run("import json, os; print(os.environ.get('PTH_RAN'))").text


def test_a_folder_that_everybody_can_change_is_refused(guarded: dict[str, str], packages: Path) -> None:
    packages.chmod(0o777)
    with open_session({**guarded, "KERNEL_GUARD_PACKAGES": str(packages)}) as session:
        cell = session.run("1 + 1")
        assert cell.status == "error" and "Everybody can change the package folder" in cell.text
