"""Fixtures that several suites share."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.lib.vaults import Vault

# What a shell runs in the background ignores Ctrl-C, with nohup a hang-up, and so do its children: tests would fail.
for _number, _heard in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _heard)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Real, openly licensed clinical data; tests that need it skip where there is none."""
    named = os.environ.get("KERNEL_GUARD_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no clinical test data: set KERNEL_GUARD_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The connection string of a PostgreSQL server of this session."""
    from tests.lib.postgres import programs, server

    if programs() is None:
        pytest.skip("no PostgreSQL: install the Debian package postgresql")
    with server() as connection:
        yield connection


@pytest.fixture(scope="session")
def made_vault() -> Iterator[Vault]:
    from tests.lib.vaults import make_vault

    folder = Path(tempfile.mkdtemp(prefix="kgv-"))
    yield make_vault(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def vault(made_vault: Vault) -> Iterator[Vault]:
    """A vault of its own for one test."""
    from tests.lib.vaults import copy_vault

    folder = Path(tempfile.mkdtemp(prefix="kgv-"))
    yield copy_vault(made_vault, folder / "v")
    shutil.rmtree(folder, ignore_errors=True)
