"""A real vault folder with a small synthetic hospital, made once per test session and copied for each test."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kernel_guard.errors import VaultUnavailable
from kernel_guard.vault.admin import add_dataset, add_grant
from kernel_guard.vault.catalogue.synthetic import generate
from kernel_guard.vault.config import init_folder
from kernel_guard.wire.http import VaultClient

STUDY = "demo-hospital"
POLICY = {"routes": ["dp", "sdc"], "threshold": 10}


@dataclass(frozen=True)
class Vault:
    """A vault's folder and the secret of one researcher's grant."""

    folder: Path
    token: str

    @property
    def settings(self) -> Path:
        return self.folder / "vault.toml"

    @property
    def socket(self) -> Path:
        return self.folder / "run" / "vault.sock"

    def client(self, token: str | None = None) -> VaultClient:
        return VaultClient(self.socket, token or self.token, timeout=60)

    def start(self) -> subprocess.Popen[bytes]:
        """The daemon, up and answering."""
        command = [sys.executable, "-m", "kernel_guard.cli.main", "vault", "serve", "-c", str(self.settings)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self.client().get_json("/v1/health")
                return process
            except VaultUnavailable:
                if process.poll() is not None:
                    assert process.stderr is not None
                    raise AssertionError(process.stderr.read().decode()) from None
                time.sleep(0.05)
        process.kill()
        raise AssertionError("the vault did not come up")


def make_vault(folder: Path, *, patients: int = 600, policy: dict[str, object] | None = None) -> Vault:
    """A fresh vault with the synthetic hospital and one grant."""
    settings = init_folder(folder / "vault", synthetic_only=True)
    source = folder / "omop"
    generate(source, patients=patients, seed=7)
    add_dataset(settings, STUDY, source, policy or POLICY)
    token = add_grant(settings, user="ana", project="p1", studies=[STUDY], purpose="tests", days=1)
    return Vault(settings.parent, token)


def copy_vault(vault: Vault, folder: Path) -> Vault:
    """The same vault elsewhere, untouched by other tests. Unix sockets need a short path."""
    shutil.copytree(vault.folder, folder, dirs_exist_ok=True)
    return Vault(folder, vault.token)
