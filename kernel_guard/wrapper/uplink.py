"""The wrapper's requests to the vault: HTTP/1.1 over its unix socket, as the researcher's grant.

- The token is read from its file for each request: a grant can be renewed while a kernel runs.
- An answer is taken whole, up to a size; of its headers only the two that the relay passes on are kept.
- A vault that is down, slow or talks nonsense is `VaultUnavailable`.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import KernelGuardError, VaultUnavailable
from kernel_guard.wire.token_file import read_token

MAX_ANSWER = 64 * 1024 * 1024
RELEASE_HEADER = "Kernel-Guard-Release"
_RELEASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}\Z")
_HINT = "Ask whoever runs the vault to start it; your notebook and your budget are unharmed. Then run the cell again."


@dataclass(frozen=True)
class Answer:
    """An answer of the vault."""

    status: int
    content_type: str
    body: bytes
    release_id: str | None = None


class Uplink:
    """Asks one vault in the name of one kernel."""

    def __init__(self, socket_path: str | None, token_file: str | None, kernel_id: str) -> None:
        self._path, self._token_file, self._kernel_id = socket_path, token_file, kernel_id

    def ask(self, method: str, path: str, body: bytes = b"", timeout: float = 30.0) -> Answer:
        """One request; raises `VaultUnavailable`, or `ConfigError` for a token file that cannot be read."""
        if self._path is None:
            raise VaultUnavailable(
                "This kernel was started without a vault.",
                hint="Start it with 'kernel-guard demo', or set KERNEL_GUARD_VAULT for the Jupyter server.",
            )
        connection = _UnixConnection(self._path, timeout)
        try:
            connection.request(method, path, body or None, self._headers(bool(body)))
            response = connection.getresponse()
            data = response.read(MAX_ANSWER + 1)
        except (OSError, http.client.HTTPException):
            raise VaultUnavailable("The vault does not answer.", hint=_HINT) from None
        finally:
            connection.close()
        if len(data) > MAX_ANSWER:
            raise VaultUnavailable("The vault's answer is too large.", hint="Ask for fewer cells.")
        return Answer(response.status, _content_type(response), data, _release_id(response))

    def document(self, path: str, timeout: float = 5.0) -> dict[str, Any] | None:
        """A JSON document of the vault, or None when it has none to give."""
        try:
            answer = self.ask("GET", path, timeout=timeout)
            value = json.loads(answer.body) if answer.status == 200 else None
        except (KernelGuardError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    def is_synthetic_only(self) -> bool:
        """Does the vault say that it holds nothing but synthetic data?"""
        health = self.document("/v1/health")
        return health is not None and health.get("synthetic_only") is True

    def _headers(self, has_body: bool) -> dict[str, str]:
        headers = {"Host": "vault", "Kernel-Guard-Kernel": self._kernel_id}
        if has_body:
            headers["Content-Type"] = "application/json"
        token = read_token(self._token_file)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return headers


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("vault", timeout=timeout)
        self._socket_path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._socket_path)


def _content_type(response: http.client.HTTPResponse) -> str:
    """The two kinds of answer that exist."""
    kind = (response.getheader("Content-Type") or "").partition(";")[0].strip()
    return kind if kind == "application/vnd.apache.arrow.stream" else "application/json"


def _release_id(response: http.client.HTTPResponse) -> str | None:
    release_id = response.getheader(RELEASE_HEADER) or ""
    return release_id if _RELEASE_ID.match(release_id) else None
