"""Which files the server gives away: those that were approved, and nothing else.

- `/files/` is the way by which a browser downloads. It answers only for a file whose very bytes are in a released
  bundle: a copy or another name of an approved file is that file, a changed byte makes it another.
- nbconvert is refused by the authorizer; checkpoints are listed, never sent; a released bundle has a path of its own.
- An editor opens notebooks and text through the contents API: a notebook holds signed outputs only. What is not text is
  no document to edit, so that API gives it away by the same rule as `/files/`.
- Asked at each download: an answer is not kept, and a vault that is down means no.
"""

from __future__ import annotations

import asyncio
import hashlib
from base64 import decodebytes
from collections.abc import Mapping
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.files.handlers import FilesHandler
from tornado import web

from kernel_guard.errors import KernelGuardError
from kernel_guard.server.settings import GuardServer

REFUSED = (
    "This file was not approved, so it is not given away. Ask for its export: right-click an output and choose "
    "'Ask for export'."
)


class ApprovedFilesHandler(FilesHandler):
    """`/files/`: approved bytes only."""

    @web.authenticated
    @authorized
    async def get(self, path: str, include_body: bool = True) -> None:  # type: ignore[override]
        self.check_xsrf_cookie()
        manager: Any = self.contents_manager
        if not manager.allow_hidden and await ensure_async(manager.is_hidden(path)):
            raise web.HTTPError(404)
        model = await ensure_async(manager.get(path.strip("/"), type="file", content=True))
        await check_approved(content_of(model), self.settings.get("kernel_guard"))
        await ensure_async(super().get(path, include_body))

    @web.authenticated
    @authorized
    async def head(self, path: str) -> None:  # type: ignore[override]
        await ensure_async(self.get(path, include_body=False))


def content_of(model: Mapping[str, Any]) -> bytes:
    """The bytes of a file as the contents manager gave it."""
    content = str(model["content"])
    return decodebytes(content.encode("ascii")) if model["format"] == "base64" else content.encode()


async def check_approved(content: bytes, settings: GuardServer | None) -> None:
    """Raise 403 unless these bytes are a file of a released bundle."""
    if settings is None or not await asyncio.to_thread(is_approved, hashlib.sha256(content).hexdigest(), settings):
        raise web.HTTPError(403, REFUSED)


def is_approved(sha256: str, settings: GuardServer) -> bool:
    """What the vault says of bytes with this digest; no where it does not answer."""
    try:
        return settings.vault().get_json(f"/v1/review/approved/{sha256}").get("approved") is True
    except KernelGuardError:
        return False
