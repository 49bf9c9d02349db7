"""A room on each database, for what people and the log are made of."""

from __future__ import annotations

from tests.lib import rooms

url, room = rooms.url, rooms.room
