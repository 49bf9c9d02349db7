"""The rings in which attacks are tried: one guarded, one not."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernel_guard.wrapper.settings import public_file
from tests.kernel.conftest import guarded_environment
from tests.lib.arena import Ring, ring
from tests.lib.vaults import Vault, copy_vault


@pytest.fixture(scope="session")
def attacked_vault(made_vault: Vault) -> Iterator[Vault]:
    with tempfile.TemporaryDirectory(prefix="kgv-") as folder:
        vault = copy_vault(made_vault, Path(folder) / "v")
        process = vault.start()
        yield vault
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def guarded_ring(attacked_vault: Vault) -> Iterator[Ring]:
    with guarded_environment(attacked_vault) as environment:
        places: dict[str, Any] = {
            "token": environment["KERNEL_GUARD_TOKEN_FILE"],
            "keys": str(public_file(environment["KERNEL_GUARD_KEY_FILE"])),
            "vault": environment["KERNEL_GUARD_VAULT"],
            "data": [str(path) for path in attacked_vault.folder.rglob("*") if path.is_file()],
        }
        with ring("kernel-guard", environment, places) as made:
            yield made


@pytest.fixture(scope="session")
def plain_ring() -> Iterator[Ring]:
    """The same attacks without a guard."""
    with tempfile.TemporaryDirectory(prefix="kgp-") as folder:
        with ring("python3", {**os.environ, "HOME": folder}, {"data": [], "vault": "/nowhere"}) as made:
            yield made
