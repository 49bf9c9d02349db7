"""A locked-down server in this process, with a fake vault behind it.

- The plugin's fixtures are imported, because a conftest below the root may not name plugins.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403
from traitlets.config import Config

from kernel_guard.errors import KernelGuardError
from kernel_guard.server.config import EXTENSIONS, lock_down
from kernel_guard.server.settings import GuardServer

STUDY = {"name": "demo-hospital", "title": "Demo hospital", "synthetic": True, "tables": []}
BUDGET = {"study": "demo-hospital", "epsilon": {"granted": "10", "spent": "0.5", "reserved": "0", "left": "9.5"}}


class FakeVault:
    """Answers from a dict, or raises what it is told to."""

    def __init__(self) -> None:
        self.error: KernelGuardError | None = None
        self.answers: dict[str, dict[str, Any]] = {
            "/v1/health": {"status": "ok", "version": "0.1.0", "api": 1, "synthetic_only": True},
            "/v1/studies": {"studies": [STUDY]},
            "/v1/budget": {"budgets": [BUDGET]},
            "/v1/spending": {"releases": []},
            "/v1/public-key": {"keyid": "k1", "public_key": "AAAA"},
            "/v1/studies/demo-hospital/concepts?q=heart+disease": {"concepts": [], "more": False},
        }

    def get_json(self, path: str) -> dict[str, Any]:
        if self.error:
            raise self.error
        return self.answers[path]


@pytest.fixture
def fake_vault(monkeypatch: pytest.MonkeyPatch) -> FakeVault:
    vault = FakeVault()
    monkeypatch.setattr(GuardServer, "vault", lambda self: vault)
    return vault


def write_kernelspec(kernel_dir: Path, name: str) -> None:
    """A kernel that only sleeps: starting one is what is tested, not talking to it."""
    spec_dir = kernel_dir / name
    spec_dir.mkdir(parents=True)
    argv = [sys.executable, "-c", "import time; time.sleep(60)", "{connection_file}"]
    spec = {"argv": argv, "display_name": name, "language": "python", "interrupt_mode": "message"}
    spec["metadata"] = {"supported_encryption": "curve"}
    (spec_dir / "kernel.json").write_text(json.dumps(spec))


@pytest.fixture
def kernel_dir(tmp_path: Path) -> Path:
    """Where the operator installed the guarded kernel, and somebody another one."""
    path = tmp_path / "kernels"
    write_kernelspec(path, "kernel-guard")
    write_kernelspec(path, "other")
    for part in (path, *path.rglob("*")):
        part.chmod(0o755 if part.is_dir() else 0o644)
    return path


@pytest.fixture
def jp_server_config(jp_root_dir: Path, kernel_dir: Path, fake_vault: FakeVault) -> Config:
    config = lock_down(Config(), jp_root_dir, guard_level="G4", admit_notebook=dict)
    config.GuardKernelSpecManager.kernel_dirs = [str(kernel_dir)]
    config.ServerApp.jpserver_extensions = {**EXTENSIONS, "jupyterlab": False}  # its page is the browser test's
    return config
