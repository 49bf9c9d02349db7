"""Settings of the server extension, and how it reaches the vault.

- The vault's socket and the token file are named by the environment of the server process, as for the wrapper.
- The token is read at use, so a renewed grant needs no restart, and it is never shown or logged.
"""

from __future__ import annotations

import os
from typing import Any, Protocol

from traitlets import Set, Unicode
from traitlets.config import Configurable

from kernel_guard.errors import ConfigError
from kernel_guard.wire.http import VaultClient
from kernel_guard.wire.token_file import read_token

VAULT_ENV = "KERNEL_GUARD_VAULT"
TOKEN_FILE_ENV = "KERNEL_GUARD_TOKEN_FILE"
ANSWER_WITHIN = 10.0  # seconds; the page polls, and a vault that hangs must not pile up threads here
DECIDE_WITHIN = 60.0  # a submission gathers evidence, a release draws and signs


class Vault(Protocol):
    """The one thing this zone asks of a vault."""

    def get_json(self, path: str) -> dict[str, Any]: ...


class GuardServer(Configurable):
    """Configuration of `kernel_guard.server`."""

    guard_level = Unicode(
        "unknown",
        help="The isolation that the sandbox's self-test found, G0 to G5; shown to the user.",
    ).tag(config=True)
    allowed_extensions = Set(
        Unicode(),
        default_value={"jupyterlab", "kernel_guard.server"},
        help="Server extensions that may run in this process; any other stops the server at its start.",
    ).tag(config=True)

    def vault(self) -> Vault:
        """A client that speaks with this server's own grant."""
        return self._client(read_token(os.environ.get(TOKEN_FILE_ENV)), ANSWER_WITHIN)

    def session_vault(self, session: str | None) -> VaultClient:
        """A client that speaks with a person's session; with this server's own grant where nobody signed in."""
        token = session or read_token(os.environ.get(TOKEN_FILE_ENV))
        return self._client(token, DECIDE_WITHIN)

    def _client(self, token: str | None, timeout: float) -> VaultClient:
        socket_path = os.environ.get(VAULT_ENV)
        if not socket_path:
            raise ConfigError(
                f"{VAULT_ENV} is not set for the Jupyter server.",
                hint="Start the server with kernel-guard, or set the variable to the vault's socket path.",
            )
        return VaultClient(socket_path, token, timeout=timeout)
