"""The front end's own checks, run as the rest of the suite is: lint, types, unit tests, and what its lock pins."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def extension(checkout: Path, python_tools_only: dict[str, str]) -> Path:
    """The folder, with its packages as the lock names them.

    - What is installed already is kept: a second install would make the built extension look out of date.
    """
    folder = checkout / "extension"
    installed = folder / "node_modules" / ".yarn-state.yml"
    if not installed.exists() or installed.stat().st_mtime < (folder / "yarn.lock").stat().st_mtime:
        jlpm(folder, python_tools_only, "install", "--immutable")
    return folder


def jlpm(folder: Path, env: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        ["jlpm", *command],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("check", ["lint", "types", "test"])
def test_front_end_passes(check: str, extension: Path, python_tools_only: dict[str, str]) -> None:
    output = jlpm(extension, python_tools_only, check)
    if check == "test":
        assert re.search(r"^Tests: +\d+ passed, \d+ total", output, re.MULTILINE), output  # none skipped


def test_the_lock_names_packages_and_no_host(checkout: Path) -> None:
    """Yarn asks the registry that its user set; a host in the lock would be asked by everybody."""
    lock = (checkout / "extension" / "yarn.lock").read_text()
    resolved = re.findall(r'^  resolution: "(.+)"$', lock, re.MULTILINE)
    outside = [name for name in resolved if "@npm:" not in name]
    assert [name for name in outside if "@workspace:" not in name and "@patch:" not in name] == []
    assert "://" not in lock


def test_a_build_takes_what_the_lock_pins_and_runs_no_script_of_a_package(checkout: Path) -> None:
    settings = (checkout / "extension" / ".yarnrc.yml").read_text().splitlines()
    assert {"enableImmutableInstalls: true", "enableScripts: false"} <= set(settings)
