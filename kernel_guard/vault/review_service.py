"""The review half of the vault's door: one thin handler per path, in the same table as the rest.

- `docs/review-api.md` is the contract; each entry here is one line of it.
- Bodies are capped before they are read. Work happens in threads.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from kernel_guard.errors import RequestInvalid
from kernel_guard.review.deeds import Call
from kernel_guard.review.permissions import Actor
from kernel_guard.vault.desk import Desk

Handler = Callable[[Request], Awaitable[Response]]
Body = dict[str, Any]
MAX_BODY = 8 * 1024 * 1024
ONE = "/v1/review/requests/{id}"


def table(desk: Desk, token: Callable[[Request], str]) -> list[tuple[str, str, Handler]]:
    """(method, path, handler) of everything that people do besides asking questions."""

    def get(answer: Callable[[str, Request], Any]) -> Handler:
        async def handler(request: Request) -> Response:
            return JSONResponse(await run_in_threadpool(answer, token(request), request))

        return handler

    def post(answer: Callable[[str, str, Body], Any]) -> Handler:
        async def handler(request: Request) -> Response:
            shown, body = token(request), await read_body(request)
            return JSONResponse(await run_in_threadpool(answer, shown, request.path_params.get("id", ""), body))

        return handler

    def deed(act: Callable[[Actor, str, Body, Call], Any]) -> Handler:
        return post(lambda shown, name, body: desk.act(shown, lambda actor: act(actor, name, body, call_of(body))))

    def marked(shown: str, _name: str, body: Body) -> Any:
        user = desk.sessions.person(shown).user
        return desk.notifier.read(user, None if body.get("all") is True else _whole_numbers(body.get("ids")))

    async def bundle(request: Request) -> Response:
        found = await run_in_threadpool(desk.bundle, token(request), request.path_params["id"])
        headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
        return Response(found.content, media_type="application/zip", headers=headers)

    async def export(request: Request) -> Response:
        query = dict(request.query_params)
        form = query.pop("format", "jsonl")
        wanted = await run_in_threadpool(desk.audit_filter, token(request), query)
        if form not in ("jsonl", "csv"):
            raise RequestInvalid("An export is jsonl or csv.")
        rows = desk.view.export_jsonl(wanted) if form == "jsonl" else desk.view.export_csv(wanted)
        headers = {"Content-Disposition": f'attachment; filename="audit.{form}"'}
        return StreamingResponse(rows, media_type="text/plain; charset=utf-8", headers=headers)

    def verified(shown: str, _request: Request) -> Any:
        desk.audit_filter(shown, {"verify": "yes"})
        report = desk.audit.verify_chain()
        return {**vars(report), "intact": report.intact}

    reviews, reading = desk.reviews, desk.reading
    return [
        *_sessions(desk, get, post),
        ("POST", "/v1/wrapper-keys", post(
            lambda t, _n, b: {"keyid": desk.keys.make_known(desk.sessions.person(t), _text(b, "public_key"))})),
        ("GET", "/v1/review/requests", get(lambda t, r: reading.listed(desk.sessions.person(t), r.query_params))),
        ("POST", "/v1/review/requests", deed(
            lambda a, _n, b, c: reviews.create(a, _text(b, "project"), _text(b, "title"), c))),
        ("GET", ONE, get(lambda t, r: desk.page(t, r.path_params["id"]))),
        ("POST", f"{ONE}/title", deed(lambda a, n, b, c: reviews.set_title(a, n, b.get("title"), c))),
        ("POST", f"{ONE}/groups", deed(lambda a, n, b, c: reviews.set_groups(a, n, b.get("groups"), c))),
        ("POST", f"{ONE}/items", deed(lambda a, n, b, c: reviews.put_item(a, n, _text(b, "group"), b.get("item"), c))),
        ("POST", f"{ONE}/items/justify", deed(
            lambda a, n, b, c: reviews.justify(a, n, _text(b, "item"), b.get("justification"), c))),
        ("POST", f"{ONE}/items/remove", deed(lambda a, n, b, c: reviews.remove_item(a, n, _text(b, "item"), c))),
        ("POST", f"{ONE}/submit", deed(lambda a, n, _b, c: reviews.submit(a, n, c))),
        ("POST", f"{ONE}/votes", deed(lambda a, n, b, c: reviews.vote(a, n, _ballots(b), c))),
        ("POST", f"{ONE}/return", deed(lambda a, n, b, c: reviews.give_back(a, n, _text(b, "reason"), c))),
        ("POST", f"{ONE}/withdraw", deed(lambda a, n, b, c: reviews.withdraw(a, n, _text(b, "reason"), c))),
        ("POST", f"{ONE}/approve", deed(lambda a, n, b, c: reviews.approve(a, n, _text(b, "reason"), c))),
        ("POST", f"{ONE}/reject", deed(lambda a, n, b, c: reviews.reject(a, n, _text(b, "reason"), c))),
        ("POST", f"{ONE}/release", deed(lambda a, n, _b, c: reviews.release(a, n, c))),
        ("POST", f"{ONE}/comments", deed(lambda a, n, b, c: reviews.comment(
            a, n, _text(b, "text"), b.get("visibility", "public"), _text(b, "item"), c))),
        ("GET", f"{ONE}/bundle", bundle),
        ("GET", "/v1/review/approved/{id}", get(
            lambda t, r: reading.approved(desk.sessions.person(t), r.path_params["id"]))),
        ("GET", "/v1/review/basket", get(lambda t, r: desk.basket(t, r.query_params.get("project", "")))),
        ("POST", "/v1/review/basket", post(
            lambda t, _n, b: desk.add_to_basket(t, _text(b, "project"), b.get("item"), _text(b, "key")))),
        ("POST", "/v1/review/check", post(lambda t, _n, b: reading.check(desk.actor(t), b))),
        ("GET", "/v1/review/notifications", get(lambda t, _r: desk.notifier.mine(desk.sessions.person(t).user))),
        ("POST", "/v1/review/notifications/read", post(marked)),
        ("GET", "/v1/review/audit", get(lambda t, r: desk.view.page(desk.audit_filter(t, r.query_params)))),
        ("GET", "/v1/review/audit/export", export),
        ("GET", "/v1/review/audit/verify", get(verified)),
    ]  # fmt: skip


def _sessions(desk: Desk, get: Callable[..., Handler], post: Callable[..., Handler]) -> list[tuple[str, str, Handler]]:
    """Signing in needs no token: these four read none."""

    def open_(answer: Callable[[Body], Any]) -> Handler:
        async def handler(request: Request) -> Response:
            return JSONResponse(await run_in_threadpool(answer, await read_body(request)))

        return handler

    def ended(shown: str, _name: str, _body: Body) -> Any:
        desk.sessions.end(shown)
        return {"signed_in": False, "methods": desk.methods()}

    async def methods(_request: Request) -> Response:
        return JSONResponse({"methods": desk.methods()})

    return [
        ("GET", "/v1/session", get(lambda t, _r: desk.whoami(t))),
        ("GET", "/v1/session/methods", methods),
        ("POST", "/v1/session", open_(lambda b: desk.sign_in(_text(b, "user"), _text(b, "password")))),
        ("POST", "/v1/session/end", post(ended)),
        ("POST", "/v1/session/oidc/start", open_(lambda b: {"url": desk.start_provider(_text(b, "redirect"))})),
        ("POST", "/v1/session/oidc/finish", open_(
            lambda b: desk.sign_in_by_provider(_text(b, "state"), _text(b, "code")))),
        ("POST", "/v1/session/hub", open_(lambda b: desk.sign_in_by_hub(_text(b, "token")))),
    ]  # fmt: skip


async def read_body(request: Request) -> Body:
    """The JSON object of a request."""
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MAX_BODY:
            raise RequestInvalid("This is too large.", hint=f"At most {MAX_BODY:,} bytes at once.")
    try:
        value = json.loads(bytes(chunks), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise RequestInvalid("The body is not a JSON object.")
    return value


def call_of(body: Body) -> Call:
    """The revision and key of a change."""
    revision = body.get("revision")
    whole = isinstance(revision, int) and not isinstance(revision, bool)
    return Call(_text(body, "key"), revision if whole else None)


def _text(body: Body, name: str) -> str:
    value = body.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RequestInvalid(f"{name!r} must be text.")
    return value


def _ballots(body: Body) -> list[Any]:
    many = body.get("votes")
    return many if isinstance(many, list) else [{name: body.get(name, "") for name in ("item", "vote", "reason")}]


def _whole_numbers(value: Any) -> list[int]:
    if not isinstance(value, list) or len(value) > 1_000 or any(type(v) is not int for v in value):
        raise RequestInvalid("'ids' must be a list of numbers, or 'all' true.")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)
