"""The vault's door: HTTP/1.1 on a unix socket, one thin handler per path.

- Every request shows a grant; health and the public key need none.
- Bodies are capped before they are read; an answer carries a code and a public text, never an engine's words.
- Work happens in threads, so that a long question does not stop the next one from being answered.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kernel_guard.errors import InternalError, KernelGuardError, PlanError, Unauthenticated
from kernel_guard.plan.codec import MAX_BYTES, encode, loads_protected, loads_question
from kernel_guard.vault import logbook, review_service
from kernel_guard.vault.runner import door
from kernel_guard.vault.runner.pending import Pending
from kernel_guard.wire.released import write_release

if TYPE_CHECKING:
    from kernel_guard.vault.desk import Desk
    from kernel_guard.vault.gate import Gate

LOG = logging.getLogger("kernel_guard.vault")
ARROW = "application/vnd.apache.arrow.stream"
Handler = Callable[[Request], Awaitable[Response]]


def build_app(gate: Gate, desk: Desk | None = None) -> Starlette:
    """The application over one gate and one desk; with a desk every question and refusal is in the log."""

    async def health(_: Request) -> Response:
        return JSONResponse(gate.health())

    async def public_key(_: Request) -> Response:
        return JSONResponse(gate.public_key())

    async def studies(request: Request) -> Response:
        found = await run_in_threadpool(gate.studies, _token(request))
        return JSONResponse({"studies": [encode(s) for s in found]})

    async def study(request: Request) -> Response:
        found = await run_in_threadpool(gate.study, _token(request), request.path_params["name"])
        return JSONResponse(encode(found))

    async def concepts(request: Request) -> Response:
        asked = request.query_params
        text, ancestor = asked.get("q", ""), _number(asked.get("ancestor"))
        found = await run_in_threadpool(gate.concepts, _token(request), request.path_params["name"], text, ancestor)
        return JSONResponse(found)

    async def spending(request: Request) -> Response:
        return JSONResponse({"releases": await run_in_threadpool(gate.spending, _token(request))})

    async def budget(request: Request) -> Response:
        return JSONResponse({"budgets": await run_in_threadpool(gate.budgets, _token(request))})

    async def quote(request: Request) -> Response:
        token, body = _token(request), await _body(request)
        return JSONResponse(await run_in_threadpool(lambda: gate.quote(token, loads_question(body))))

    async def release(request: Request) -> Response:
        token, body = _token(request), await _body(request)
        sealed = await run_in_threadpool(lambda: gate.release(token, loads_question(body)))
        return _arrow(sealed.statement, sealed.envelope)

    async def stored(request: Request) -> Response:
        sealed = await run_in_threadpool(gate.stored, _token(request), request.path_params["release"])
        return JSONResponse({"statement": sealed.statement, "envelope": sealed.envelope})

    async def stored_arrow(request: Request) -> Response:
        sealed = await run_in_threadpool(gate.stored, _token(request), request.path_params["release"])
        return _arrow(sealed.statement, sealed.envelope)

    async def repairs(request: Request) -> Response:
        found = await run_in_threadpool(gate.repairs, _token(request), request.path_params["release"])
        return JSONResponse({"repairs": found})

    async def protected_quote(request: Request) -> Response:
        token, body = _token(request), await _body(request)
        return JSONResponse(await run_in_threadpool(lambda: gate.quote_protected(token, loads_protected(body))))

    async def protected(request: Request) -> Response:
        token, body = _token(request), await _body(request)
        answer = await run_in_threadpool(lambda: gate.run_protected(token, loads_protected(body)))
        return JSONResponse(answer) if isinstance(answer, dict) else _arrow(answer.statement, answer.envelope)

    async def protected_objects(request: Request) -> Response:
        return JSONResponse({"objects": await run_in_threadpool(gate.protected_objects, _token(request))})

    table: list[tuple[str, str, Handler]] = [
        ("GET", "/v1/health", health),
        ("GET", "/v1/public-key", public_key),
        ("GET", "/v1/studies", studies),
        ("GET", "/v1/studies/{name}", study),
        ("GET", "/v1/studies/{name}/concepts", concepts),
        ("GET", "/v1/budget", budget),
        ("GET", "/v1/spending", spending),
        ("POST", "/v1/quote", quote),
        ("POST", "/v1/releases", release),
        ("POST", "/v1/protected/quote", protected_quote),
        ("POST", "/v1/protected", protected),
        ("GET", "/v1/protected", protected_objects),
        ("GET", "/v1/releases/{release}", stored),
        ("GET", "/v1/releases/{release}/arrow", stored_arrow),
        ("GET", "/v1/releases/{release}/repairs", repairs),
    ]
    if desk is not None:
        table = [(m, p, logbook.noted(desk, p, h, _token)) for m, p, h in table]
        more = [*review_service.table(desk, _token), *_checking(gate.pending, desk)]
        table += [(m, p, logbook.refusals_noted(desk, h, _token)) for m, p, h in more]
    return Starlette(routes=[Route(path, _closed(handler), methods=[method]) for method, path, handler in table])


def _checking(pending: Pending, desk: Desk) -> list[tuple[str, str, Handler]]:
    """What checkers do with the objects of protected code."""

    async def listed(request: Request) -> Response:
        token = _token(request)
        return JSONResponse(await run_in_threadpool(lambda: door.listed(pending, desk.sessions.person(token))))

    async def shown(request: Request) -> Response:
        token, name = _token(request), request.path_params["id"]
        return JSONResponse(await run_in_threadpool(lambda: door.shown(pending, desk.sessions.person(token), name)))

    async def voted(request: Request) -> Response:
        token, name, body = _token(request), request.path_params["id"], await review_service.read_body(request)
        answer = await run_in_threadpool(lambda: door.voted(pending, desk.sessions.person(token), name, body))
        return JSONResponse(answer)

    return [("GET", door.QUEUE, listed), ("GET", door.ONE, shown), ("POST", door.ONE, voted)]


def _closed(handler: Handler) -> Handler:
    """A handler that answers every failure with a code: no exception reaches the framework's log."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except KernelGuardError as error:
            return JSONResponse({"error": error.public()}, status_code=error.status)
        except Exception as error:
            return _unexpected(error)

    return answer


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > 256:
        raise Unauthenticated("No grant was shown.", hint="Ask the data steward for access to a study.")
    return token


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise PlanError("A concept is named by its number.", hint="Such as ?ancestor=201826.")
    return int(text)


async def _body(request: Request) -> bytes:
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MAX_BYTES:
            raise PlanError("The question is too large.", hint=f"At most {MAX_BYTES:,} bytes.")
    return bytes(chunks)


def _arrow(statement: dict[str, Any], envelope: dict[str, Any]) -> Response:
    headers = {"Kernel-Guard-Release": statement["id"]}
    return Response(write_release(statement, envelope), media_type=ARROW, headers=headers)


def _unexpected(error: Exception) -> Response:
    # The exception's text may hold a cell's value: only its type and an id go anywhere.
    incident = uuid.uuid4().hex[:12]
    LOG.error("incident %s: %s", incident, type(error).__name__)
    refused = InternalError(
        "The vault failed in a way that it did not expect.",
        hint="Nothing was released. Tell the operator this incident number.",
        details={"incident": incident},
    )
    return JSONResponse({"error": refused.public()}, status_code=500)
