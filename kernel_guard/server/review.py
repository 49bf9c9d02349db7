"""Requests, review and sign-in for the page, as plain functions: no tornado here, so they are tested without a server.

- A closed list of paths: what is not on it is not forwarded. The vault's answer is passed on as it is.
- Who signed in acts with their own session; without one the page acts with the server's grant, which never decides.
- A session's secret goes from the vault to the browser's cookie and back; it is in no answer that the page reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from kernel_guard.errors import Forbidden, KernelGuardError, NotFound, Unauthenticated
from kernel_guard.server.settings import GuardServer

_ONE = r"review/requests/[A-Za-z0-9-]{1,64}"
_SEALED = r"review/protected/[A-Za-z0-9-]{1,64}"
READS = re.compile(rf"(session|review/(requests|basket|notifications|protected|audit|audit/verify)|{_ONE}|{_SEALED})\Z")
FILES = re.compile(rf"({_ONE}/bundle|review/audit/export)\Z")
WRITES = re.compile(
    r"(review/(requests|basket|check|notifications/read)"
    rf"|{_SEALED}|{_ONE}/(title|groups|items|items/(remove|justify)|submit|votes|return|withdraw|approve|reject|release|comments))\Z"
)
MAX_SENT = 8 * 1024 * 1024


class Vault(Protocol):
    """What this module asks of a vault."""

    def get_json(self, path: str) -> dict[str, Any]: ...
    def post_json(self, path: str, body: bytes) -> dict[str, Any]: ...
    def get_bytes(self, path: str) -> bytes: ...


@dataclass(frozen=True)
class Answer:
    """What goes to the page; `session` is a new secret for the cookie, "" ends it, None leaves it."""

    body: dict[str, Any]
    session: str | None = None


def read(settings: GuardServer, path: str, query: Mapping[str, str], session: str | None) -> Answer:
    """GET one of the listed paths."""
    if not READS.match(path):
        raise NotFound("There is no such path.")
    if path == "session":
        return whoami(settings, session)
    return Answer(vault_of(settings, session).get_json(_address(path, query)))


def read_file(settings: GuardServer, path: str, query: Mapping[str, str], session: str | None) -> bytes:
    """A file that may leave: a released bundle, or the auditor's export."""
    if not FILES.match(path):
        raise NotFound("There is no such path.")
    return vault_of(settings, session).get_bytes(_address(path, query))


def write(settings: GuardServer, path: str, body: bytes, session: str | None) -> Answer:
    """POST to one of the listed paths."""
    if not WRITES.match(path):
        raise NotFound("There is no such path.")
    return Answer(vault_of(settings, session).post_json(f"/v1/{path}", body))


def whoami(settings: GuardServer, session: str | None) -> Answer:
    """Who the page acts as; a session that has ended is forgotten."""
    if session:
        try:
            return Answer(vault_of(settings, session).get_json("/v1/session"))
        except Unauthenticated:
            return Answer(whoami(settings, None).body, session="")
    methods = settings.session_vault(None).get_json("/v1/session/methods")["methods"]
    try:
        return Answer(settings.session_vault(None).get_json("/v1/session"))
    except KernelGuardError as error:
        nobody = {"signed_in": False, "kind": "none", "user": "", "name": "", "rights": [], "expires": ""}
        return Answer({**nobody, "methods": methods, "error": error.public()})


def sign_in(settings: GuardServer, body: bytes) -> Answer:
    """By password."""
    return _signed_in(settings.session_vault(None).post_json("/v1/session", body))


def sign_out(settings: GuardServer, session: str | None) -> Answer:
    """End the session at the vault, and the cookie whatever the vault says."""
    if session:
        try:
            vault_of(settings, session).post_json("/v1/session/end", b"{}")
        except Unauthenticated:
            pass
    return Answer(whoami(settings, None).body, session="")


def start_provider(settings: GuardServer, redirect: str) -> dict[str, Any]:
    """Where to send the browser for signing in elsewhere."""
    body = json.dumps({"redirect": redirect}).encode()
    return settings.session_vault(None).post_json("/v1/session/oidc/start", body)


def finish_provider(settings: GuardServer, state: str, code: str) -> Answer:
    """The person who came back from the provider."""
    body = json.dumps({"state": state, "code": code}).encode()
    return _signed_in(settings.session_vault(None).post_json("/v1/session/oidc/finish", body))


def sign_in_by_hub(settings: GuardServer, token: str | None) -> Answer:
    """The person whom JupyterHub let in: the vault asks the hub itself whose token this is."""
    if not token:
        raise Forbidden("This server was not started by a JupyterHub.", hint="Sign in with your name and password.")
    return _signed_in(settings.session_vault(None).post_json("/v1/session/hub", json.dumps({"token": token}).encode()))


def vault_of(settings: GuardServer, session: str | None) -> Vault:
    """The vault as the person who signed in, or with the server's own grant."""
    return settings.session_vault(session)


def _signed_in(answer: dict[str, Any]) -> Answer:
    secret = str(answer.pop("token"))
    return Answer(answer, session=secret)


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"/v1/{path}" + (f"?{urlencode(query)}" if query else "")
