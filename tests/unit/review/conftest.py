"""Rooms on both databases: the same tests hold on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel_guard.review.permissions import Actor
from kernel_guard.trust.people import Role
from kernel_guard.trust.store import sqlite_url
from tests.lib.desks import Room, open_room


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "store.sqlite")
    from tests.lib.postgres import new_database

    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def room(url: str, tmp_path: Path) -> Iterator[Room]:
    found = open_room(url, tmp_path)
    yield found
    found.store.close()


@pytest.fixture
def ana(room: Room) -> Actor:
    return room.actor("ana", Role.RESEARCHER)


@pytest.fixture
def bea(room: Room) -> Actor:
    return room.actor("bea", Role.CHECKER)


@pytest.fixture
def carl(room: Room) -> Actor:
    return room.actor("carl", Role.CHECKER)
