"""Real guarded kernels on a real vault, through Jupyter's own client."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lib.kernels import Session, open_session
from tests.lib.vaults import Vault, copy_vault


@pytest.fixture(scope="module")
def running_vault(made_vault: Vault) -> Iterator[Vault]:
    """A running vault that a module's tests share."""
    with tempfile.TemporaryDirectory(prefix="kgv-") as folder:
        vault = copy_vault(made_vault, Path(folder) / "v")
        process = vault.start()
        yield vault
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def guarded(running_vault: Vault) -> Iterator[dict[str, str]]:
    """The environment in which Jupyter starts guarded kernels."""
    with guarded_environment(running_vault) as environment:
        yield environment


@contextmanager
def guarded_environment(vault: Vault) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="kgk-") as folder:
        token = Path(folder, "token")
        token.touch(0o600)
        token.write_text(vault.token)
        os.mkdir(f"{folder}/run", 0o700)
        yield {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "KERNEL_GUARD_VAULT": str(vault.socket),
            "KERNEL_GUARD_TOKEN_FILE": str(token),
            "KERNEL_GUARD_KEY_FILE": f"{folder}/wrapper.key",
            "KERNEL_GUARD_RUNTIME_DIR": f"{folder}/run",
        }


@pytest.fixture(scope="module")
def session(guarded: dict[str, str]) -> Iterator[Session]:
    """One kernel for a module's tests."""
    with open_session(guarded) as opened:
        yield opened


@pytest.fixture
def own_session(guarded: dict[str, str]) -> Iterator[Session]:
    """A kernel that a test may break."""
    with open_session(guarded) as opened:
        yield opened
