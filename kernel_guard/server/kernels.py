"""Starting kernels: only guarded ones, in the server's own environment and root folder.

- A request may not bring environment variables, a working directory or launch options: they would reach the
  wrapper, which is trusted.
- Every way to start a kernel (REST kernels, sessions, other extensions) ends in `_async_start_kernel`.
"""

from __future__ import annotations

from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import ApiPath
from tornado.web import HTTPError

from kernel_guard.server.kernelspecs import is_guarded


class KernelRefused(HTTPError, NoSuchKernel):
    """A kernel that may not be started here.

    Two types at once because two handlers tell errors apart: /api/kernels turns an HTTPError into its status,
    /api/sessions turns everything but NoSuchKernel into a 500.
    """

    def __init__(self, name: str) -> None:
        HTTPError.__init__(self, 403, f"Only guarded kernels may be started here, not {name!r}.")
        self.name = name


class GuardKernelManager(AsyncMappingKernelManager):
    """Starts guarded kernels and nothing else."""

    async def _async_start_kernel(self, *, kernel_id: str | None = None, path: Any = None, **kwargs: Any) -> str:
        name = kwargs.get("kernel_name") or self.default_kernel_name
        if not is_guarded(str(name)):
            self.log.warning("Refused to start kernel %r", name)
            raise KernelRefused(str(name))
        # The API path "" is the root folder; `path` and all other keywords are dropped on purpose.
        return str(await super()._async_start_kernel(kernel_id=kernel_id, path=ApiPath(""), kernel_name=name))

    # The base class binds the name at class creation, so the override must be bound again.
    start_kernel = _async_start_kernel  # type: ignore[assignment]
