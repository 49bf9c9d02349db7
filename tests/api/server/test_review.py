"""Requests and sign-in through the Jupyter server, over a real vault: two browsers of one server are two people."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from kernel_guard.server.review import FILES, READS, WRITES
from kernel_guard.server.settings import TOKEN_FILE_ENV, VAULT_ENV
from kernel_guard.trust.people import Role
from kernel_guard.trust.store.times import utc_now
from kernel_guard.vault.config import load_config
from kernel_guard.vault.wiring import open_vault
from tests.lib.vaults import Vault, copy_vault

PASSWORD = "correct horse battery"
API = "kernel-guard/api"
PROSE = {
    "id": "g1",
    "context": "The abstract of the planned paper on age and readmission, for the conference in the spring.",
    "controls": "It names no count of patients and no earlier output overlaps with it.",
}


class Hub(BaseHTTPRequestHandler):
    """A hub's one answer: whose token this is."""

    def do_GET(self) -> None:
        known = self.path == "/hub/api/user" and self.headers.get("Authorization") == "token dora-at-the-hub"
        body = json.dumps({"kind": "user", "name": "dora", "groups": ["readers"]} if known else {}).encode()
        self.send_response(200 if known else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class HubAuth:
    """JupyterHub's own half in a server that it started: gives the token of the browser that asks."""

    token: str | None = "dora-at-the-hub"

    def get_token(self, _handler: Any) -> str | None:
        return self.token


@pytest.fixture(scope="module")
def served(made_vault: Vault) -> Iterator[Vault]:
    folder = Path(tempfile.mkdtemp(prefix="kgv-"))
    vault = copy_vault(made_vault, folder / "v")
    gate, desk = open_vault(load_config(vault.settings))
    for user in ("bea", "carl"):
        desk.accounts.create(user, user.title(), PASSWORD, by="test")
        desk.roles.give(user, "p1", Role.CHECKER, utc_now() + timedelta(days=1), by="test")
    desk.policies.set("p1", {"checkers": {"text": 2}}, by="test")
    gate.close()
    token = vault.folder / "token"
    token.write_text(vault.token)
    token.chmod(0o600)
    hub = HTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    group = 'readers = { project = "p1", role = "auditor" }'
    address = f"http://127.0.0.1:{hub.server_port}/hub/api"
    (vault.folder / "review.toml").write_text(f'[hub]\nurl = "{address}"\n[groups]\n{group}\n')
    process = vault.start()
    yield vault
    hub.shutdown()
    process.terminate()
    process.wait(20)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def running(served: Vault, monkeypatch: pytest.MonkeyPatch) -> Vault:
    monkeypatch.setenv(VAULT_ENV, str(served.socket))
    monkeypatch.setenv(TOKEN_FILE_ENV, str(served.folder / "token"))
    return served


def text(name: str) -> dict[str, Any]:
    """An item of its own for each test: what was released cannot be asked again."""
    return {"kind": "text", "name": name, "content": {"text": f"The odds were higher in older people ({name})."}}


class Browser:
    """One browser profile: its own cookies, nothing else."""

    def __init__(self, fetch: Any) -> None:
        self._fetch, self.cookie = fetch, ""

    async def get(self, path: str, **query: str) -> Any:
        return json.loads((await self._send(path, params=query)).body)

    async def post(self, path: str, **body: Any) -> Any:
        return json.loads((await self.raw(path, body)).body)

    async def raw(self, path: str, body: Any, **headers: str) -> HTTPResponse:
        kinds = {"Content-Type": "application/json", **headers}
        return await self._send(path, method="POST", body=json.dumps(body), headers=kinds)

    async def act(self, request: Any, deed: str, **body: Any) -> Any:
        key = uuid.uuid4().hex
        return await self.post(f"review/requests/{request['id']}/{deed}", revision=request["revision"], key=key, **body)

    async def _send(self, path: str, **options: Any) -> HTTPResponse:
        headers = {**options.pop("headers", {}), **({"Cookie": self.cookie} if self.cookie else {})}
        answer = await self._fetch(API, *path.split("/"), headers=headers, **options)
        for cookie in answer.headers.get_list("Set-Cookie"):
            if cookie.startswith("kernel-guard-session="):
                self.set_cookie = cookie
                self.cookie = cookie.partition(";")[0]
        return answer


async def refused(request: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(HTTPClientError) as error:
        await request
    return error.value.code, json.loads(error.value.response.body)["error"]


async def test_two_people_at_two_browsers_of_one_server(jp_fetch, running):
    ana, bea, carl = Browser(jp_fetch), Browser(jp_fetch), Browser(jp_fetch)
    me = await ana.get("session")
    assert (
        not me["signed_in"] and me["kind"] == "grant" and me["user"] == "ana" and me["methods"] == ["password", "hub"]
    )
    request = await ana.post("review/basket", project="p1", key="a1", item=text("Abstract"))
    request = await ana.act(request, "groups", groups=[PROSE])
    request = await ana.act(request, "submit")
    for browser, name in ((bea, "bea"), (carl, "carl")):
        signed = await browser.post("session", user=name, password=PASSWORD)
        assert signed["signed_in"] and signed["user"] == name and "token" not in signed
        assert "HttpOnly" in browser.set_cookie and "SameSite=Strict" in browser.set_cookie
    item = request["items"][0]["id"]
    assert (await bea.act(request, "votes", item=item, vote="approve"))["phase"] == "independent"
    assert (await carl.get(f"review/requests/{request['id']}"))["items"][0]["votes"] == []
    joint = await carl.act(request, "votes", item=item, vote="approve")
    approved = await bea.act(joint, "approve")
    assert (await bea.act(approved, "release"))["state"] == "released"
    bundle = await jp_fetch(API, "review", "requests", request["id"], "bundle")
    assert bundle.body[:2] == b"PK" and "attachment" in bundle.headers["Content-Disposition"]
    assert (await ana.get("review/notifications"))["unread"] >= 1


async def test_the_servers_own_grant_never_decides(jp_fetch, running):
    ana = Browser(jp_fetch)
    request = await ana.post("review/basket", project="p1", key="a2", item=text("Summary"))
    request = await ana.act(request, "groups", groups=[PROSE])
    request = await ana.act(request, "submit")
    item = request["items"][0]["id"]
    for deed, body in (("votes", {"item": item, "vote": "approve"}), ("approve", {}), ("release", {})):
        code, error = await refused(ana.act(request, deed, **body))
        assert code in (403, 409) and error["code"] in ("forbidden", "conflict")


async def test_signing_out_ends_the_cookie_and_the_session(jp_fetch, running):
    bea = Browser(jp_fetch)
    await bea.post("session", user="bea", password=PASSWORD)
    kept = bea.cookie
    assert not (await bea.post("session/end"))["signed_in"]
    thief = Browser(jp_fetch)
    thief.cookie = kept
    assert (await thief.get("session"))["kind"] == "grant"
    code, error = await refused(bea.post("session", user="bea", password="not the password"))
    assert (code, error["code"]) == (403, "unauthenticated")


async def test_whom_the_hub_let_in_signs_in_without_a_secret(jp_fetch, jp_serverapp, running):
    dora = Browser(jp_fetch)
    code, error = await refused(dora.post("session/hub"))
    assert (code, error["code"]) == (403, "forbidden")
    hub = HubAuth()
    jp_serverapp.identity_provider.hub_auth = hub
    signed = await dora.post("session/hub")
    assert signed["signed_in"] and signed["user"] == "dora" and "hub" in signed["methods"] and "token" not in signed
    assert [(r["project"], r["role"]) for r in signed["rights"]] == [("p1", "auditor")]
    assert "dora-at-the-hub" not in json.dumps(signed) and "HttpOnly" in dora.set_cookie
    assert (await dora.get("review/audit"))["records"]
    # A token that the hub does not know is nobody, and the page's own words are not read.
    hub.token = "stolen"
    code, error = await refused(Browser(jp_fetch).post("session/hub", token="dora-at-the-hub"))
    assert (code, error["code"]) == (403, "unauthenticated")


async def test_a_forged_cookie_is_nobody(jp_fetch, running):
    mallory = Browser(jp_fetch)
    mallory.cookie = 'kernel-guard-session="2|1:0|10:1700000000|20:kernel-guard-session|4:Ynll|abcdef"'
    assert (await mallory.get("session"))["kind"] == "grant"


async def test_a_form_of_another_site_changes_nothing(jp_fetch, running):
    bea = Browser(jp_fetch)
    await bea.post("session", user="bea", password=PASSWORD)
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        code, error = await refused(bea.raw("review/requests", {"project": "p1", "key": "k"}, **{"Content-Type": kind}))
        assert (code, error["code"]) == (422, "request_invalid")


async def test_a_cookie_alone_without_the_xsrf_token_writes_nothing(http_server_client, jp_base_url, running):
    for path in ("session", "session/end", "review/requests", "review/requests/x/votes"):
        with pytest.raises(HTTPClientError) as error:
            await http_server_client.fetch(
                f"{jp_base_url}{API}/{path}", method="POST", body="{}", follow_redirects=False,
                headers={"Content-Type": "application/json"},
            )  # fmt: skip
        assert error.value.code in (302, 403)


@pytest.mark.parametrize(
    "path",
    ["review/requests/../session", "review/unknown", "review/requests/a/b/c", "review/requests/x%2Fy", "review/audit/"],
)
async def test_what_is_not_listed_is_not_forwarded(jp_fetch, running, path):
    for method in ("GET", "POST"):
        options = (
            {"method": "POST", "body": "{}", "headers": {"Content-Type": "application/json"}}
            if method == "POST"
            else {}
        )
        with pytest.raises(HTTPClientError) as error:
            await jp_fetch(f"{API}/{path}", **options)
        assert error.value.code in (403, 404, 405)


async def test_coming_back_from_a_provider_needs_the_browser_that_left(jp_fetch, running):
    code, error = await refused(jp_fetch(API, "session", "oidc", "return", params={"state": "s", "code": "c"}))
    assert (code, error["code"]) == (403, "forbidden")


def test_no_path_is_both_read_and_written_as_a_file():
    for path in ("review/requests/x/votes", "review/requests/x/bundle", "session", "review/audit/export"):
        assert sum(bool(p.match(path)) for p in (READS, FILES, WRITES)) == 1
