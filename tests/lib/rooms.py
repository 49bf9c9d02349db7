"""Fixtures: a store on each database, and a room over it. A folder's conftest imports those it wants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel_guard.trust.store import sqlite_url
from tests.lib.desks import Room, open_room


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store: the same tests hold on SQLite and on a real PostgreSQL."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "store.sqlite")
    from tests.lib.postgres import new_database

    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def room(url: str, tmp_path: Path) -> Iterator[Room]:
    found = open_room(url, tmp_path)
    yield found
    found.store.close()
