"""Typed requests to the vault: HTTP/1.1 over a unix socket, or over the one socket that a sandbox inherits.

- The standard library's HTTP client on a socket that somebody else opened: nothing here resolves a name.
- An answer that is not understood is `VaultUnavailable`, never a traceback of its bytes.
- Bodies are capped both ways.
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kernel_guard.errors import ConfigError, KernelGuardError, VaultUnavailable, from_public
from kernel_guard.wire.released import ReleasedTable, read_release
from kernel_guard.wire.token_file import read_token

MAX_RESPONSE = 64 * 1024 * 1024
_DOWN = "Ask whoever runs the vault to start it; your notebook and your budget are unharmed. Then run the cell again."


class VaultClient:
    """Requests to one vault as one grant.

    `socket_path` is the vault's unix socket, `token` the grant's secret (None where a relay adds it).
    """

    def __init__(self, socket_path: str | os.PathLike[str] | None = None, token: str | None = None,
                 *, timeout: float = 600.0, connect: Callable[[], socket.socket] | None = None) -> None:  # fmt: skip
        self._path = os.fspath(socket_path) if socket_path is not None else None
        self._token = token
        self._timeout = timeout
        self._connect = connect or self._connect_unix
        self._worker = ThreadPoolExecutor(1, "vault") if connect is not None else None
        self._connection: http.client.HTTPConnection | None = None
        self._lock = threading.Lock()

    def get_json(self, path: str) -> dict[str, Any]:
        """GET a JSON document; raises the vault's own error."""
        return _json(self._request("GET", path, None)[1])

    def post_json(self, path: str, body: bytes) -> dict[str, Any]:
        """POST JSON bytes, read a JSON document."""
        return _json(self._request("POST", path, body)[1])

    def post_arrow(self, path: str, body: bytes) -> ReleasedTable:
        """POST JSON bytes, read a release."""
        return read_release(self._request("POST", path, body)[1])

    def get_bytes(self, path: str) -> bytes:
        """GET a file, such as a bundle."""
        return self._request("GET", path, None)[1]

    def _connect_unix(self) -> socket.socket:
        if self._path is None:
            raise ConfigError("No vault socket is set.", hint="Set KERNEL_GUARD_VAULT to the vault's socket path.")
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(self._timeout)
            sock.connect(self._path)
        except OSError:
            sock.close()
            raise
        return sock

    def _request(self, method: str, path: str, body: bytes | None) -> tuple[http.client.HTTPResponse, bytes]:
        headers = {"Accept": "application/json", "Host": "vault"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        send = functools.partial(self._exchange, method, path, body, headers)
        # On the one inherited socket an interrupt must not leave half an answer in front of the next one: a worker
        # finishes the exchange, only the waiting is interrupted.
        response, data = self._worker.submit(send).result() if self._worker else send()
        if len(data) > MAX_RESPONSE:
            self.close()
            raise VaultUnavailable("The vault's answer is too large.", hint="Ask for fewer cells.")
        if response.status >= 400:
            raise _error(data)
        return response, data

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        with self._lock:
            try:
                connection = self._open()
                connection.request(method, path, body=body, headers=headers)
                response = connection.getresponse()
                return response, response.read(MAX_RESPONSE + 1)
            except (OSError, http.client.HTTPException):
                self.close()
                raise VaultUnavailable("The vault does not answer.", hint=_DOWN) from None
            finally:
                if not self._worker:
                    self.close()

    def _open(self) -> http.client.HTTPConnection:
        if self._connection is None:
            connection = http.client.HTTPConnection("vault", timeout=self._timeout)
            connection.sock = self._connect()
            self._connection = connection
        return self._connection

    def close(self) -> None:
        """Close the connection; an inherited socket is gone for good after it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def open_inherited(fd: int | None = None) -> VaultClient:
    """The client inside a sandbox: over the inherited socket whose number is in `KERNEL_GUARD_FD`."""
    if fd is None:
        try:
            fd = int(os.environ["KERNEL_GUARD_FD"])
        except (KeyError, ValueError):
            raise VaultUnavailable(
                "This kernel has no way to a vault.",
                hint="Choose the kernel 'Python (guarded)' in JupyterLab, or start it with 'kernel-guard demo'.",
            ) from None
    number = fd
    return VaultClient(connect=lambda: socket.socket(fileno=os.dup(number)))


def from_environment() -> VaultClient:
    """The trusted side's client: socket from `KERNEL_GUARD_VAULT`, token from the file in `KERNEL_GUARD_TOKEN_FILE`."""
    path = os.environ.get("KERNEL_GUARD_VAULT")
    if not path:
        raise ConfigError("No vault is set.", hint="Set KERNEL_GUARD_VAULT to the vault's socket path.")
    return VaultClient(path, read_token(os.environ.get("KERNEL_GUARD_TOKEN_FILE")))


def _json(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise VaultUnavailable("The vault's answer is not understood.", hint="Client and vault may differ in version.")
    return value


def _error(data: bytes) -> KernelGuardError:
    payload = _json(data).get("error")
    if not isinstance(payload, dict):
        return VaultUnavailable("The vault refused without a reason.", hint=_DOWN)
    return from_public(payload)
