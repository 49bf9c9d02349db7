"""HTTP for the front end: GET /kernel-guard/api/NAME for each question of `api.QUESTIONS`.

- Every method is authenticated and authorized; the tests walk the table and fail for one that is not.
- An error answers in the vault's own shape, {"error": {code, message, hint, details}}.
- The vault's 401 concerns the grant, not the login: passed on as it is, it would send the page to the login.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from kernel_guard.errors import KernelGuardError
from kernel_guard.server.api import QUESTIONS, Arguments
from kernel_guard.server.authorizer import RESOURCE
from kernel_guard.server.settings import GuardServer

Question = Callable[[GuardServer, Arguments], dict[str, Any]]


class QuestionHandler(APIHandler):
    """Answers one question about the vault."""

    auth_resource = RESOURCE

    def initialize(self, question: Question, settings: GuardServer) -> None:
        self.question = question
        self.guard_settings = settings

    @web.authenticated
    @authorized
    async def get(self) -> None:
        # The client blocks on a socket: a thread keeps kernels' messages flowing meanwhile.
        try:
            given = {name: self.get_query_argument(name) for name in self.request.query_arguments}
            answer = await asyncio.to_thread(self.question, self.guard_settings, given)
        except KernelGuardError as error:
            self.set_status(403 if error.status == 401 else error.status)
            answer = {"error": error.public()}
        self.finish(json.dumps(answer))


def handlers(base_url: str, settings: GuardServer) -> list[tuple[str, type[QuestionHandler], dict[str, Any]]]:
    """Tornado routes under `base_url`."""
    return [
        (
            url_path_join(base_url, "kernel-guard", "api", name),
            QuestionHandler,
            {"question": question, "settings": settings},
        )
        for name, question in QUESTIONS.items()
    ]
