"""What changes is told to the pages that listen: its name and nothing else."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from kernel_guard.errors import VaultUnavailable
from kernel_guard.server import watch as changes
from kernel_guard.server.settings import GuardServer
from kernel_guard.server.watch import Watch
from tests.api.server.conftest import FakeVault

NOTICES = "/v1/review/notifications"


@pytest.fixture
def watch(fake_vault: FakeVault) -> Watch:
    fake_vault.answers[NOTICES] = {"unread": 0, "notifications": []}
    made = Watch(GuardServer())
    assert made.look() == []  # the first look is what later ones are compared with
    return made


def test_nothing_changed_tells_nothing(watch: Watch) -> None:
    assert watch.look() == []


def test_each_change_is_told_once_by_its_name(watch: Watch, fake_vault: FakeVault) -> None:
    fake_vault.answers["/v1/budget"] = {"budgets": []}
    fake_vault.answers[NOTICES] = {"unread": 1, "notifications": []}
    assert watch.look() == ["budget", "review"]
    assert watch.look() == []


def test_a_vault_that_goes_down_is_told_as_the_status(watch: Watch, fake_vault: FakeVault) -> None:
    fake_vault.error = VaultUnavailable("The vault does not answer.")
    assert watch.look() == ["status"]
    fake_vault.error = None
    assert watch.look() == ["status"]


async def test_a_page_hears_that_the_budget_changed_and_not_what_it_is(
    jp_serverapp: Any, jp_ws_fetch: Any, fake_vault: FakeVault
) -> None:
    fake_vault.answers[NOTICES] = {"unread": 0, "notifications": []}
    assert not changes.is_listened_to(jp_serverapp.event_logger)
    page = await jp_ws_fetch("api", "events", "subscribe")
    for _ in range(100):
        if changes.is_listened_to(jp_serverapp.event_logger):
            break
        await asyncio.sleep(0.05)
    assert changes.is_listened_to(jp_serverapp.event_logger)
    watch = Watch(GuardServer())
    watch.look()
    fake_vault.answers["/v1/budget"] = {"budgets": [{"left": "8.25"}]}
    for topic in watch.look():
        changes.tell(jp_serverapp.event_logger, topic)
    heard = json.loads(await asyncio.wait_for(page.read_message(), 10))
    assert heard["schema_id"] == changes.SCHEMA_ID and heard["what"] == "budget"
    assert "8.25" not in json.dumps(heard)
    page.close()
