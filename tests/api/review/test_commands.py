"""The same way by command line: submit from a file, sign in, vote, settle, release, fetch, verify; prove the log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kernel_guard.cli.main import cli
from kernel_guard.errors import ConfigError
from kernel_guard.plan.codec import dumps_ask
from tests.api.review.test_path import ASK, CONTEXT, CONTROLS, PASSWORD, running  # noqa: F401
from tests.lib.vaults import Vault


def run(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(cli, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def test_a_request_by_command_line(running: Vault, tmp_path: Path) -> None:  # noqa: F811
    mine, door = tmp_path / "ana.token", ["--vault", running.socket, "--token"]
    mine.write_text(running.token)
    release = running.client().post_arrow("/v1/releases", dumps_ask(ASK)).statement["id"]
    wanted = {
        "project": "p1", "title": "Table 1", "groups": [{"id": "g1", "context": CONTEXT, "controls": CONTROLS}],
        "items": [{"kind": "release", "name": "Patients by sex", "content": {"release": release}}],
    }  # fmt: skip
    (tmp_path / "request.json").write_text(json.dumps(wanted))
    said = run("review", "submit", tmp_path / "request.json", *door, mine)
    name = said.split()[0]
    assert "is submitted" in said and "Table 1" in run("review", "list", *door, mine)
    for user in ("bea", "carl"):
        token = tmp_path / f"{user}.token"
        assert "Signed in" in run("review", "sign-in", "--user", user, "--password", PASSWORD, *door, token)
        assert token.stat().st_mode & 0o777 == 0o600
        assert name in run("review", "list", "--view", "queue", *door, token)
        assert "in_review" in run("review", "vote", name, "--approve", *door, token)
    assert json.loads(run("review", "show", name, *door, token))["phase"] == "joint"
    assert "approved" in run("review", "decide", name, "approve", *door, token)
    assert "released" in run("review", "decide", name, "release", *door, token)
    bundle, keys = tmp_path / "bundle.zip", tmp_path / "keys.json"
    run("review", "fetch", name, "-o", bundle, *door, mine)
    keys.write_text(run("key", "export", "-c", running.settings))
    assert "genuine" in run("verify", bundle, "--key", keys)

    kept, log = tmp_path / "checkpoint.json", tmp_path / "audit.jsonl"
    run("audit", "checkpoint", "-c", running.settings, "-o", kept)
    log.write_text(run("audit", "export", "-c", running.settings))
    assert "intact" in run("audit", "verify", "-c", running.settings, "--checkpoint", kept)
    assert "intact" in run("audit", "verify", "--file", log, "--key", keys, "--checkpoint", kept)
    settings, archive = running.settings, tmp_path / "archive.jsonl"
    with pytest.raises(ConfigError, match="for good"):
        run("audit", "prune", "-c", settings, "--archive", archive)
    settings.write_text(settings.read_text().replace("audit_keep_days = 0", "audit_keep_days = 365"))
    assert "0 rows went" in run("audit", "prune", "-c", settings, "--archive", archive)
    assert "intact" in run("audit", "verify", "--file", archive, "--key", keys)

    assert "is now" in run("key", "rotate", "-c", running.settings)
    keys.write_text(run("key", "export", "-c", running.settings))
    assert "genuine" in run("verify", bundle, "--key", keys)
