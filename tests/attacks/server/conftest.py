"""The locked server of the API tests."""

from tests.api.server.conftest import *  # noqa: F403
