"""A room on each database, for what has to hold on both."""

from __future__ import annotations

from tests.lib import rooms

url, room = rooms.url, rooms.room
