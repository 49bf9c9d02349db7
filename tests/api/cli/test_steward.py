"""A steward's way by command line: make a vault, bring data in, grant access, look at the log."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kernel_guard.vault.config import load_config
from kernel_guard.vault.wiring import open_parts


def run(*arguments: object, code: int = 0) -> str:
    command = [sys.executable, "-m", "kernel_guard.cli.main", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("words", [[], ["demo"], ["lab"], ["doctor"], ["vault", "serve"], ["dataset", "add"]])
def test_help_shows_an_example(words: list[str]) -> None:
    assert "kernel-guard " + " ".join(words) in " ".join(run(*words, "--help").split())


def test_from_an_empty_folder_to_a_grant(tmp_path: Path) -> None:
    settings = tmp_path / "vault" / "vault.toml"
    run("vault", "init", tmp_path / "vault")
    run("synthetic", tmp_path / "omop", "--patients", 200, "--seed", 3)
    opened = ["--protected", "private", "--protected", "review"]
    assert "version" in run("dataset", "add", "hospital", "--omop", tmp_path / "omop", *opened, "-c", settings)
    policy = open_parts(load_config(settings)).registry.get("hospital").policy
    assert policy.protected == ("private", "review")
    listed = run("dataset", "list", "-c", settings)
    assert "hospital" in listed and "synthetic" in listed
    token = tmp_path / "token"
    grant = ["grant", "add", "--user", "ana", "--project", "p", "--study", "hospital", "--token-file", token]
    run(*grant, "-c", settings)
    assert token.stat().st_mode & 0o777 == 0o600 and len(token.read_text()) >= 40
    assert "Revoked 1 grants." in run("grant", "revoke", "--user", "ana", "--project", "p", "-c", settings)
    assert "intact" in run("audit", "verify", "-c", settings)


def test_a_wrong_directory_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    settings = tmp_path / "vault" / "vault.toml"
    run("vault", "init", tmp_path / "vault")
    (tmp_path / "omop").mkdir()
    said = run("dataset", "add", "hospital", "--omop", tmp_path / "omop", "-c", settings, code=1)
    assert "kernel-guard: " in said
    assert run("dataset", "list", "-c", settings) == "" and not list((tmp_path / "vault" / "data").iterdir())


def test_a_grant_for_an_unknown_study_is_refused(tmp_path: Path) -> None:
    run("vault", "init", tmp_path / "vault")
    settings = tmp_path / "vault" / "vault.toml"
    said = run("grant", "add", "--user", "a", "--project", "p", "--study", "nope", "-c", settings, code=1)
    assert "'nope'" in said and not Path("token").exists()
