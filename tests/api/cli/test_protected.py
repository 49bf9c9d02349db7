"""A checker decides on an object of protected code by command line, at a running vault."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kernel_guard.plan.codec import dumps_protected
from kernel_guard.plan.protected import ProtectedAsk, TableUse
from tests.lib.vaults import POLICY, STUDY, make_vault

ASK = ProtectedAsk(STUDY, (TableUse("person", ("gender_concept_id",)),), "release('n', {'n': len(person)})", seconds=1)


def run(*arguments: object, code: int = 0) -> str:
    command = [sys.executable, "-m", "kernel_guard.cli.main", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_two_checkers_at_the_command_line(tmp_path: Path) -> None:
    vault = make_vault(tmp_path, patients=200, policy={**POLICY, "protected": ["review"]})
    config = ["-c", vault.settings]
    for user in ("bea", "carl"):
        run("account", "add", "--user", user, "--password", "correct horse battery", *config)
        run("role", "give", "--user", user, "--project", "p1", "--role", "checker", *config)
    process = vault.start()
    try:
        assert vault.client().post_json("/v1/protected", dumps_protected(ASK))["names"] == ["n"]
        for user, state in (("bea", "pending"), ("carl", "approved")):
            door = ["--vault", vault.socket, "--token", tmp_path / user]
            run("review", "sign-in", "--user", user, "--password", "correct horse battery", *door)
            (line,) = run("protected", "list", *door).splitlines()
            name = line.split()[0]
            assert json.loads(run("protected", "show", name, *door))["content"]["rows"] == [["n", 200]]
            assert state in run("protected", "vote", name, "approve", *door)
        (told,) = vault.client().get_json("/v1/protected")["objects"]
        released = vault.client().get_json(f"/v1/releases/{told['release']}")
        assert released["statement"]["rows"] == [["n", 200]]
    finally:
        process.kill()
        process.wait()
