"""Signing in at a real OpenID provider on loopback, and what a provider that lies gets."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from kernel_guard.errors import ConfigError, Unauthenticated
from kernel_guard.trust.oidc import OpenIdProvider, ProviderSettings, recognise_hub_user

BACK = "http://localhost:8888/kernel-guard/api/session/oidc/return"
GROUPS = {"sepsis-checkers": ("sepsis", "checker"), "auditors": ("*", "auditor")}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


def settings_of(issuer: str) -> ProviderSettings:
    return ProviderSettings(issuer, "kernel-guard", "secret", groups=GROUPS)


def authorise(url: str, user: str) -> tuple[str, str]:
    """What the person does at the provider's page; the state and code they come back with."""
    answer = httpx.post(url, data={"sub": user}, follow_redirects=False)
    assert answer.status_code in (302, 303), answer.text
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    return back["state"][0], back["code"][0]


def test_a_person_comes_back_with_the_roles_of_their_groups(issuer: str) -> None:
    claims = {"name": "Bea Checker", "groups": ["sepsis-checkers", "unknown"]}
    httpx.put(f"{issuer}/users/bea", json=claims).raise_for_status()
    provider = OpenIdProvider(settings_of(issuer))
    found = provider.finish(*authorise(provider.start(BACK), "bea"))
    assert found.user == "bea"
    assert found.roles == (("sepsis", "checker"),)


def test_userinfo_of_somebody_else_is_not_mixed_in(liar: Liar) -> None:
    liar.userinfo = {"sub": "mallory", "groups": ["auditors"]}
    provider, state, claims = started(liar)
    liar.sign(claims)
    with pytest.raises(Unauthenticated):
        provider.finish(state, "code")
    provider, state, claims = started(liar)
    liar.userinfo = {"sub": "bea", "groups": ["auditors"], "iss": "x"}
    liar.sign({k: v for k, v in claims.items() if k != "groups"})
    assert provider.finish(state, "code").roles == (("*", "auditor"),)


def test_a_code_is_used_once_and_only_with_our_state(issuer: str) -> None:
    provider = OpenIdProvider(settings_of(issuer))
    state, code = authorise(provider.start(BACK), "bea")
    with pytest.raises(Unauthenticated):
        provider.finish("made-up", code)
    provider.finish(state, code)
    with pytest.raises(Unauthenticated):
        provider.finish(state, code)


def test_another_clients_code_is_refused(issuer: str) -> None:
    first, second = OpenIdProvider(settings_of(issuer)), OpenIdProvider(settings_of(issuer))
    _, code = authorise(first.start(BACK), "bea")
    state, _ = authorise(second.start(BACK), "bea")
    with pytest.raises(Unauthenticated):
        second.finish(state, code)


class Liar(ThreadingHTTPServer):
    """A provider that signs whatever the test asks for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key = RSAKey.generate_key(2048, parameters={"kid": "k1"})
        self.other = RSAKey.generate_key(2048, parameters={"kid": "k1"})
        self.token = ""
        self.userinfo: dict[str, Any] | None = None
        self.issuer = f"http://127.0.0.1:{self.server_port}"

    def sign(self, claims: dict[str, Any], *, key: RSAKey | None = None, algorithm: str = "RS256") -> None:
        self.token = jwt.encode({"alg": algorithm, "kid": "k1"}, claims, key or self.key)


class _Handler(BaseHTTPRequestHandler):
    server: Liar

    def do_GET(self) -> None:
        here = self.server.issuer
        if self.path.endswith("openid-configuration"):
            found: Any = {"issuer": here, "authorization_endpoint": f"{here}/authorize",
                          "token_endpoint": f"{here}/token", "jwks_uri": f"{here}/jwks"}  # fmt: skip
            if self.server.userinfo:
                found["userinfo_endpoint"] = f"{here}/userinfo"
        elif self.path == "/userinfo":
            found = self.server.userinfo
        elif self.path == "/jwks":
            found = KeySet([self.server.key]).as_dict(private=False)
        elif self.path == "/hub/api/user":
            known = self.headers.get("Authorization") == "token good"
            found = {"kind": "user", "name": "bea", "groups": ["auditors"]} if known else {"status": 403}
        else:
            found = {}
        self._answer(found)

    def do_POST(self) -> None:
        self._answer({"id_token": self.server.token, "access_token": "a", "token_type": "Bearer"})

    def _answer(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def liar() -> Iterator[Liar]:
    server = Liar()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def started(liar: Liar) -> tuple[OpenIdProvider, str, dict[str, Any]]:
    provider = OpenIdProvider(settings_of(liar.issuer))
    query = parse_qs(urlsplit(provider.start(BACK)).query)
    assert query["code_challenge_method"] == ["S256"] and "openid" in query["scope"][0]
    now = int(time.time())
    claims = {"iss": liar.issuer, "aud": "kernel-guard", "sub": "bea", "nonce": query["nonce"][0],
              "exp": now + 300, "iat": now, "groups": ["sepsis-checkers"]}  # fmt: skip
    return provider, query["state"][0], claims


def test_an_honest_token_is_believed(liar: Liar) -> None:
    provider, state, claims = started(liar)
    liar.sign(claims)
    assert provider.finish(state, "code").roles == (("sepsis", "checker"),)


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "http://127.0.0.1:1"}, {"aud": "another"}, {"aud": ["another"]}, {"nonce": "another"},
        {"exp": 1}, {"exp": None}, {"sub": None}, {"sub": ""}, {"sub": "a\nb"}, {"nonce": None},
        {"aud": ["kernel-guard", "another"]}, {"aud": ["kernel-guard", "another"], "azp": "another"},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_claim_is_refused(liar: Liar, wrong: dict[str, Any]) -> None:
    provider, state, claims = started(liar)
    liar.sign({k: v for k, v in {**claims, **wrong}.items() if v is not None})
    with pytest.raises(Unauthenticated):
        provider.finish(state, "code")


def test_a_token_of_another_key_or_none_is_refused(liar: Liar) -> None:
    provider, state, claims = started(liar)
    liar.sign(claims, key=liar.other)
    with pytest.raises(Unauthenticated):
        provider.finish(state, "code")
    provider, state, claims = started(liar)
    parts = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in ({"alg": "none"}, claims)]
    liar.token = ".".join([*parts, ""])
    with pytest.raises(Unauthenticated):
        provider.finish(state, "code")


def test_a_provider_must_be_asked_over_https_and_name_itself(liar: Liar) -> None:
    for issuer in ("http://login.example", "ftp://x", ""):
        with pytest.raises(ConfigError):
            OpenIdProvider(settings_of(issuer))
    with pytest.raises(ConfigError, match="another issuer"):
        OpenIdProvider(ProviderSettings(f"http://localhost:{liar.server_port}", "c")).start(BACK)


def test_a_provider_that_is_down_says_so_in_words() -> None:
    with pytest.raises(Unauthenticated, match="did not vouch"):
        OpenIdProvider(settings_of("http://127.0.0.1:9")).start(BACK)


def test_jupyterhub_vouches_for_its_own_users(liar: Liar) -> None:
    with httpx.Client() as client:
        found = recognise_hub_user(f"{liar.issuer}/hub/api", "good", settings_of(liar.issuer), client)
        assert (found.user, found.roles) == ("bea", (("*", "auditor"),))
        with pytest.raises(Unauthenticated):
            recognise_hub_user(f"{liar.issuer}/hub/api", "bad", settings_of(liar.issuer), client)
