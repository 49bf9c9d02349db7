"""Rooms on both databases: the same tests hold on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import pytest

from kernel_guard.review.permissions import Actor
from kernel_guard.trust.people import Role
from tests.lib import rooms
from tests.lib.desks import Room

url, room = rooms.url, rooms.room


@pytest.fixture
def ana(room: Room) -> Actor:
    return room.actor("ana", Role.RESEARCHER)


@pytest.fixture
def bea(room: Room) -> Actor:
    return room.actor("bea", Role.CHECKER)


@pytest.fixture
def carl(room: Room) -> Actor:
    return room.actor("carl", Role.CHECKER)
