"""The front end's three questions, asked over HTTP."""

from __future__ import annotations

import json

import pytest
from tornado.httpclient import HTTPClientError

from kernel_guard.errors import InternalError, Unauthenticated, VaultUnavailable
from kernel_guard.server.api import QUESTIONS
from kernel_guard.server.handlers import QuestionHandler, handlers
from kernel_guard.server.settings import GuardServer

PATHS = [f"kernel-guard/api/{name}" for name in QUESTIONS]


async def test_status_tells_versions_vault_and_level(jp_fetch):
    answer = json.loads((await jp_fetch("kernel-guard/api/status")).body)
    assert set(answer) == {"version", "vault", "guard"}
    assert answer["vault"] == {"state": "up", "synthetic_only": True}
    assert answer["guard"] == {"level": "G4"}


async def test_catalogue_and_budget_are_the_vaults_own(jp_fetch, fake_vault):
    asked = {"catalogue": "/v1/studies", "budget": "/v1/budget", "spending": "/v1/spending"}
    asked["public-key"] = "/v1/public-key"
    for path, source in asked.items():
        answer = json.loads((await jp_fetch(f"kernel-guard/api/{path}")).body)
        assert answer == fake_vault.answers[source]


async def test_a_concept_search_is_passed_on(jp_fetch):
    params = {"study": "demo-hospital", "q": "heart disease"}
    assert json.loads((await jp_fetch("kernel-guard/api/concepts", params=params)).body)["concepts"] == []


@pytest.mark.parametrize("params", [{}, {"study": "demo-hospital", "q": "x" * 201}, {"q": "heart"}])
async def test_a_concept_search_names_a_study_and_a_few_words(jp_fetch, params):
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch("kernel-guard/api/concepts", params=params)
    assert refused.value.code == 422


async def test_the_doctors_report_is_for_the_page(jp_fetch, monkeypatch):
    monkeypatch.setattr("kernel_guard.server.api._doctor", lambda: {"level": "G4", "rungs": []})
    assert json.loads((await jp_fetch("kernel-guard/api/doctor")).body) == {"level": "G4", "rungs": []}


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_is_answered_without_signing_in(http_server_client, jp_serverapp, jp_base_url, path):
    with pytest.raises(HTTPClientError) as refused:
        await http_server_client.fetch(jp_base_url + path, follow_redirects=False)
    assert refused.value.code in (302, 403)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_only_reading_is_possible(jp_fetch, path, method):
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(path, method=method, allow_nonstandard_methods=True)
    assert refused.value.code == 405


def test_every_route_is_authorized():
    for _, handler, _ in handlers("/", GuardServer()):
        assert issubclass(handler, QuestionHandler)
        assert handler.auth_resource == "kernel-guard"


async def test_a_vault_that_is_down_is_said_in_words(jp_fetch, fake_vault):
    fake_vault.error = VaultUnavailable("The vault does not answer.", hint="Ask its operator.")
    status = json.loads((await jp_fetch("kernel-guard/api/status")).body)
    assert status["vault"]["state"] == "down"
    with pytest.raises(HTTPClientError) as failed:
        await jp_fetch("kernel-guard/api/budget")
    assert failed.value.code == 503
    error = json.loads(failed.value.response.body)["error"]
    assert error["code"] == "vault_unavailable"
    assert error["hint"] == "Ask its operator."


async def test_an_expired_grant_does_not_send_the_page_to_the_login(jp_fetch, fake_vault):
    fake_vault.error = Unauthenticated("The grant has expired.")
    with pytest.raises(HTTPClientError) as failed:
        await jp_fetch("kernel-guard/api/catalogue")
    assert failed.value.code == 403
    assert json.loads(failed.value.response.body)["error"]["code"] == "unauthenticated"


async def test_an_internal_error_keeps_its_shape(jp_fetch, fake_vault):
    fake_vault.error = InternalError("Something went wrong.", details={"id": "a1"})
    with pytest.raises(HTTPClientError) as failed:
        await jp_fetch("kernel-guard/api/budget")
    assert failed.value.code == 500
    assert json.loads(failed.value.response.body)["error"]["details"] == {"id": "a1"}
