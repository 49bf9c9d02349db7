"""What is asked, read and refused at the door, in the audit log before the answer leaves.

- A question's release is logged in its own transaction; here stands that it was asked at all, priced, answered again
  from the store, or refused, and by whom.
- Where the log cannot be written the answer is withheld: the failure of the log is the answer.
- Nothing of a body is recorded: a refusal is its code.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kernel_guard.errors import KernelGuardError, StoreError
from kernel_guard.vault.desk import Desk

Handler = Callable[[Request], Awaitable[Response]]
_KINDS = {
    ("POST", "/v1/quote"): "question.priced",
    ("POST", "/v1/releases"): "question.answered",
    ("POST", "/v1/protected/quote"): "question.priced",
    ("POST", "/v1/protected"): "question.answered",
    ("GET", "/v1/releases/{release}"): "release.read",
    ("GET", "/v1/releases/{release}/arrow"): "release.read",
    ("GET", "/v1/releases/{release}/repairs"): "release.repaired",
}


def noted(desk: Desk, path: str, handler: Handler, token: Callable[[Request], str]) -> Handler:
    """A handler whose answers on the paths above, and whose refusals, are recorded before they are given."""
    refusing = refusals_noted(desk, handler, token)

    async def answer(request: Request) -> Response:
        response = await refusing(request)
        kind = _KINDS.get((request.method, path))
        if kind is None:
            return response
        subject = response.headers.get("Kernel-Guard-Release") or request.path_params.get("release", "")
        await run_in_threadpool(desk.note, token(request), kind, subject, {})
        return response

    return answer


def refusals_noted(desk: Desk, handler: Handler, token: Callable[[Request], str]) -> Handler:
    """A handler whose refusals are recorded before they are given."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except KernelGuardError as error:
            if not isinstance(error, StoreError):
                shown = _shown(request, token)
                details = {"code": error.code, "path": request.url.path[:200], "method": request.method}
                await run_in_threadpool(desk.note, shown, "request.refused", "", details)
            raise

    return answer


def _shown(request: Request, token: Callable[[Request], str]) -> str | None:
    try:
        return token(request)
    except KernelGuardError:
        return None
