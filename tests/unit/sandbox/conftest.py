"""Each test that takes `host` runs on every rung, as the super-user and as an ordinary user."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.hosts import HOSTS, Host


@pytest.fixture(params=HOSTS, ids=str)
def host(request: pytest.FixtureRequest) -> Host:
    chosen: Host = request.param
    chosen.skip_unless_possible()
    return chosen
