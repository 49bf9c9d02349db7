"""Sign-in by another provider: OpenID Connect's authorization code flow with PKCE, and JupyterHub's users and groups.

Follows OpenID Connect Core 1.0 §3.1 and RFC 7636; tokens are verified by joserfc.

- State, nonce and verifier are random, used once and forgotten after ten minutes; they never leave this process.
- An ID token must be signed by the provider's published key with an asymmetric algorithm, for this client, by this
  issuer, unexpired, with our nonce. Anything else is refused without saying what it held.
- Groups become roles only by the table in the settings; what is not in it gives nothing. Roles from a provider end with
  the day and are renewed at each sign-in, so that who leaves a group there loses the role here.
- The provider is asked over HTTPS; plain HTTP only on this machine's loopback.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kernel_guard.errors import ConfigError, Unauthenticated

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_PENDING_SECONDS = 600
_MAX_PENDING = 1_000
_CLOCK_SKEW = 60


@dataclass(frozen=True)
class ProviderSettings:
    """`issuer` as the provider names itself; `user_claim` names the person; `groups`: group → (project, role)."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False, default="")
    user_claim: str = "sub"
    groups_claim: str = "groups"
    groups: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Recognised:
    """Who came back from a provider, and the (project, role) pairs that their groups give."""

    user: str
    name: str
    roles: tuple[tuple[str, str], ...]


class OpenIdProvider:
    """One provider."""

    def __init__(self, settings: ProviderSettings, client: httpx.Client | None = None) -> None:
        _check_url(settings.issuer)
        self._settings = settings
        self._client = client or httpx.Client(timeout=10.0, follow_redirects=False)
        self._pending: dict[str, tuple[float, str, str, str]] = {}
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] | None = None

    def start(self, redirect: str) -> str:
        """Where to send the person's browser."""
        _check_url(redirect)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        self._remember(state, nonce, verifier, redirect)
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": self._settings.client_id, "redirect_uri": redirect,
            "scope": "openid profile", "state": state, "nonce": nonce,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        address = str(self._discover()["authorization_endpoint"])
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"

    def finish(self, state: str, code: str) -> Recognised:
        """Who came back with this code."""
        with self._lock:
            kept = self._pending.pop(state, None)
        if kept is None or kept[0] < time.monotonic():
            raise _refused()
        _, nonce, verifier, redirect = kept
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect,
            "client_id": self._settings.client_id, "code_verifier": verifier,
        }  # fmt: skip
        secret = self._settings.client_secret
        auth = httpx.BasicAuth(self._settings.client_id, secret) if secret else None
        answer = self._ask("POST", str(self._discover()["token_endpoint"]), data=form, auth=auth)
        claims = self._verified(answer.get("id_token"), nonce)
        return recognise({**self._userinfo(answer.get("access_token"), claims), **claims}, self._settings)

    def _userinfo(self, token: Any, claims: Mapping[str, Any]) -> dict[str, Any]:
        """What the provider adds outside the ID token (names, groups), for the very person of that token."""
        address = self._discover().get("userinfo_endpoint")
        if not address or not isinstance(token, str):
            return {}
        _check_url(str(address))
        found = self._ask("GET", str(address), headers={"Authorization": f"Bearer {token}"})
        if found.get("sub") != claims.get("sub"):
            raise _refused()
        return found

    def _verified(self, token: Any, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token that holds."""
        if not isinstance(token, str):
            raise _refused()
        keys = KeySet.import_key_set(self._ask("GET", str(self._discover()["jwks_uri"])))  # type: ignore[arg-type]
        rules = jwt.JWTClaimsRegistry(
            leeway=_CLOCK_SKEW,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
        )
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise _refused() from None
        audience = claims.get("aud")
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self._settings.client_id:
            raise _refused()
        return claims

    def _discover(self) -> dict[str, Any]:
        if self._metadata is None:
            found = self._ask("GET", self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self._settings.issuer:
                raise ConfigError("The identity provider names another issuer than the settings do.")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _check_url(str(found.get(name)))
            self._metadata = found
        return self._metadata

    def _remember(self, state: str, nonce: str, verifier: str, redirect: str) -> None:
        now = time.monotonic()
        with self._lock:
            self._pending = {k: v for k, v in self._pending.items() if v[0] >= now}
            if len(self._pending) >= _MAX_PENDING:
                raise Unauthenticated("Too many people are signing in at once.", hint="Try again in a few minutes.")
            self._pending[state] = (now + _PENDING_SECONDS, nonce, verifier, redirect)

    def _ask(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        return ask_json(self._client, method, url, **options)


def recognise(claims: Mapping[str, Any], settings: ProviderSettings) -> Recognised:
    """A person from verified claims."""
    user, groups = claims.get(settings.user_claim), claims.get(settings.groups_claim, [])
    if not isinstance(user, str) or not user or len(user) > 200 or not user.isprintable():
        raise _refused()
    named = claims.get("name") if isinstance(claims.get("name"), str) else user
    held = groups if isinstance(groups, list) else []
    roles = tuple(sorted({settings.groups[g] for g in held if isinstance(g, str) and g in settings.groups}))
    return Recognised(user, str(named)[:200], roles)


def recognise_hub_user(url: str, token: str, settings: ProviderSettings, client: httpx.Client) -> Recognised:
    """Whose token this is, as JupyterHub's own API says (`GET /hub/api/user`), with their groups."""
    _check_url(url)
    found = ask_json(client, "GET", url.rstrip("/") + "/user", headers={"Authorization": f"token {token}"})
    if found.get("kind") != "user":
        raise _refused()
    return recognise({"sub": found.get("name"), "groups": found.get("groups", [])}, settings)


def ask_json(client: httpx.Client, method: str, url: str, **options: Any) -> dict[str, Any]:
    """A JSON object from a provider; whatever else comes is a refusal."""
    try:
        answer = client.request(method, url, **{k: v for k, v in options.items() if v is not None})
        value = answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError):
        value = None
    if not isinstance(value, dict):
        raise Unauthenticated("The identity provider did not vouch for this.", hint="Start signing in again.")
    return value


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ConfigError("An identity provider is asked over https only.", hint="Plain http works on loopback alone.")


def _refused() -> Unauthenticated:
    return Unauthenticated("The identity provider did not vouch for this.", hint="Start signing in again.")
