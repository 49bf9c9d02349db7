"""HTTP for requests, review and sign-in: /kernel-guard/api/{session,review}/…

- Every method is authenticated and authorized by the server; then the vault decides by the person's own rights.
- The session's secret stands in a signed, HttpOnly, SameSite=Strict cookie of this browser: two people at two browsers
  of one server are two people, and no script reads it.
- A write needs the server's XSRF token and is JSON: a form of another site cannot send it.
- Coming back from an identity provider, the browser must hold the state that it left with.
"""

from __future__ import annotations

import asyncio
import functools
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from kernel_guard.errors import Forbidden, KernelGuardError, RequestInvalid
from kernel_guard.server import review
from kernel_guard.server.authorizer import REVIEW
from kernel_guard.server.review import Answer
from kernel_guard.server.settings import GuardServer

COOKIE, STATE_COOKIE = "kernel-guard-session", "kernel-guard-oidc"
_DAY = 1


class ReviewBase(APIHandler):
    """What all of them share: the cookie, the answer's form, a thread for the vault."""

    auth_resource = REVIEW

    def initialize(self, settings: GuardServer) -> None:
        self.guard_settings = settings

    def session(self) -> str | None:
        kept = self.get_signed_cookie(COOKIE, max_age_days=_DAY)
        return kept.decode() if kept else None

    def query(self) -> dict[str, str]:
        return {name: self.get_query_argument(name) for name in self.request.query_arguments}

    async def answer(self, function: Any, *arguments: Any) -> None:
        """Run `function` in a thread and send what it answers, or its error."""
        try:
            found: Answer = await asyncio.to_thread(function, self.guard_settings, *arguments)
            self.keep(found.session)
            body = found.body
        except KernelGuardError as error:
            body = self.refused(error)
        self.finish(json.dumps(body))

    def refused(self, error: KernelGuardError) -> dict[str, Any]:
        # The vault's 401 concerns its own sign-in: passed on as it is, it would send the page to Jupyter's login.
        self.set_status(403 if error.status == 401 else error.status)
        return {"error": error.public()}

    def keep(self, session: str | None) -> None:
        """Set, end or leave the cookie."""
        if session:
            self.set_guard_cookie(COOKIE, session, samesite="Strict")
        elif session == "":
            self.clear_cookie(COOKIE, path=self.base_url)

    def set_guard_cookie(self, name: str, value: str, *, samesite: str) -> None:
        secure = self.request.protocol == "https"
        self.set_signed_cookie(
            name, value, expires_days=_DAY, path=self.base_url, httponly=True, samesite=samesite, secure=secure
        )

    def check_write(self) -> bytes:
        """The body of a write; a page of another site, or a form, is refused."""
        if not self.request.headers.get("Content-Type", "").startswith("application/json"):
            raise RequestInvalid("A change is sent as JSON.")
        if len(self.request.body) > review.MAX_SENT:
            raise RequestInvalid("This is too large.", hint="Send fewer items at once.")
        return self.request.body


class ReviewHandler(ReviewBase):
    """The vault's review paths, forwarded from a closed list."""

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        if review.FILES.match(path):
            await self._file(path)
        else:
            await self.answer(review.read, path, self.query(), self.session())

    @web.authenticated
    @authorized
    async def post(self, path: str) -> None:
        try:
            body = self.check_write()
        except KernelGuardError as error:
            self.finish(json.dumps(self.refused(error)))
            return
        await self.answer(review.write, path, body, self.session())

    async def _file(self, path: str) -> None:
        try:
            content = await asyncio.to_thread(review.read_file, self.guard_settings, path, self.query(), self.session())
        except KernelGuardError as error:
            self.finish(json.dumps(self.refused(error)))
            return
        name = "bundle.zip" if path.endswith("bundle") else f"audit.{self.query().get('format', 'jsonl')}"
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(content)


class SessionHandler(ReviewBase):
    """Signing in and out."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        await self.answer(review.read, "session", {}, self.session())

    @web.authenticated
    @authorized
    async def post(self) -> None:
        await self.forward(review.sign_in)

    async def forward(self, function: Any) -> None:
        try:
            body = self.check_write()
        except KernelGuardError as error:
            self.finish(json.dumps(self.refused(error)))
            return
        await self.answer(function, body)


class SignOutHandler(SessionHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        session = self.session()
        await self.forward(lambda settings, _body: review.sign_out(settings, session))

    @web.authenticated
    @authorized
    async def get(self) -> None:
        raise web.HTTPError(405)


class HubHandler(SignOutHandler):
    """Signs in whom the hub let in, by the token that the hub gave this browser; the page neither sends nor sees it."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        token = self.hub_token()
        await self.forward(lambda settings, _body: review.sign_in_by_hub(settings, token))

    def hub_token(self) -> str | None:
        """JupyterHub's identity provider keeps it in the browser's own encrypted cookie."""
        hub = getattr(self.identity_provider, "hub_auth", None)
        return hub.get_token(self) if hub is not None else None


class ProviderStartHandler(SignOutHandler):
    """Leaves for the identity provider, with the state kept in this browser."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        here = f"{self.request.protocol}://{self.request.host}"
        back = here + url_path_join(self.base_url, "kernel-guard/api/session/oidc/return")
        await self.forward(functools.partial(self._started, back))

    def _started(self, back: str, settings: GuardServer, _body: bytes) -> Answer:
        return Answer(review.start_provider(settings, back))

    async def answer(self, function: Any, *arguments: Any) -> None:
        try:
            found: Answer = await asyncio.to_thread(function, self.guard_settings, *arguments)
            body = found.body
            state = parse_qs(urlsplit(str(body["url"])).query)["state"][0]
            # Lax: the provider's page sends the browser back here from another site.
            self.set_guard_cookie(STATE_COOKIE, state, samesite="Lax")
        except KernelGuardError as error:
            body = self.refused(error)
        self.finish(json.dumps(body))


class ProviderReturnHandler(ReviewBase):
    """Where the identity provider sends the browser back to."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        left_with = self.get_signed_cookie(STATE_COOKIE, max_age_days=_DAY)
        state, code = self.get_query_argument("state", ""), self.get_query_argument("code", "")
        self.clear_cookie(STATE_COOKIE, path=self.base_url)
        try:
            if not left_with or left_with.decode() != state:
                raise Forbidden("This browser did not start signing in.", hint="Start signing in again.")
            found = await asyncio.to_thread(review.finish_provider, self.guard_settings, state, code)
        except KernelGuardError as error:
            self.finish(json.dumps(self.refused(error)))
            return
        self.keep(found.session)
        self.redirect(url_path_join(self.base_url, "lab"))


def review_handlers(base_url: str, settings: GuardServer) -> list[tuple[str, type[ReviewBase], dict[str, Any]]]:
    """Tornado routes under `base_url`."""
    api = url_path_join(base_url, "kernel-guard", "api")
    routes: list[tuple[str, type[ReviewBase]]] = [
        (r"/session", SessionHandler),
        (r"/session/end", SignOutHandler),
        (r"/session/hub", HubHandler),
        (r"/session/oidc/start", ProviderStartHandler),
        (r"/session/oidc/return", ProviderReturnHandler),
        (r"/(review/[A-Za-z0-9/-]+)", ReviewHandler),
    ]
    return [(api + path, handler, {"settings": settings}) for path, handler in routes]
