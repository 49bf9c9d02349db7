"""The kernel's one way out: HTTP/1.1 on an inherited socket, passed to the vault request by request.

- Method and path must be on the list; no query string, no header of the kernel's, a bounded body.
- The wrapper adds the grant's token: the sandbox never holds it.
- A release is remembered before its bytes reach the kernel, so that no output can be older than its provenance.
- A vault that is down is an error with a hint; the kernel lives on.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterable

import h11

from kernel_guard.errors import Forbidden, InternalError, KernelGuardError, PlanError, VaultUnavailable
from kernel_guard.wrapper.releases import Releases
from kernel_guard.wrapper.uplink import RELEASE_HEADER, Answer, Uplink

MAX_BODY = 1024 * 1024
_MAX_SKIPPED = 64 * MAX_BODY
# A question of the whole study may take minutes; everything else is a look-up.
_SECONDS = {"POST": 900.0, "GET": 30.0}
_ID = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}"
ALLOWED = (
    ("GET", re.compile(r"/v1/health\Z")),
    ("GET", re.compile(r"/v1/studies\Z")),
    ("GET", re.compile(rf"/v1/studies/{_ID}\Z")),
    ("GET", re.compile(r"/v1/budget\Z")),
    ("GET", re.compile(rf"/v1/releases/(?P<id>{_ID})\Z")),
    ("GET", re.compile(rf"/v1/releases/(?P<id>{_ID})/arrow\Z")),
    ("GET", re.compile(rf"/v1/releases/(?P<id>{_ID})/repairs\Z")),
    ("GET", re.compile(r"/v1/public-key\Z")),
    ("GET", re.compile(r"/v1/protected\Z")),
    ("POST", re.compile(r"/v1/protected/quote\Z")),
    ("POST", re.compile(r"/v1/quote\Z")),
    ("POST", re.compile(r"/v1/releases\Z")),
)


class Relay(threading.Thread):
    """Serves the guest's end of the socket pair until it closes."""

    def __init__(self, sock: socket.socket, uplink: Uplink, releases: Releases) -> None:
        super().__init__(name="relay", daemon=True)
        self._socket, self._uplink, self._releases = sock, uplink, releases
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=32 * 1024)

    def run(self) -> None:
        """One request after the other; a kernel that breaks the protocol loses its way out."""
        try:
            while self._serve_one():
                self._http.start_next_cycle()
        except (OSError, h11.ProtocolError):
            pass
        finally:
            self._socket.close()

    def _serve_one(self) -> bool:
        request = self._next_event()
        if not isinstance(request, h11.Request):
            return False
        body = self._read_body()
        answer = self._answer(request.method.decode("ascii"), request.target.decode("ascii"), body)
        self._send(answer)
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    def _answer(self, method: str, path: str, body: bytes | None) -> Answer:
        try:
            return self._forward(method, path, body)
        except KernelGuardError as error:
            return _refusal(error)
        except Exception:
            # The thread must outlive whatever this was; its text could hold anything, so it is not passed on.
            return _refusal(InternalError("The relay could not pass this request.", hint="Run the cell again."))

    def _forward(self, method: str, path: str, body: bytes | None) -> Answer:
        named = _allowed(method, path)
        if body is None:
            raise PlanError("The question is larger than 1 MB.", hint="Ask for fewer columns or groups at once.")
        seconds = _SECONDS["POST" if path.endswith("/repairs") else method]  # repairs are questions that are tried
        answer = self._uplink.ask(method, path, body if method == "POST" else b"", seconds)
        if answer.status == 200:
            self._note_release(method, path, named, answer)
        return answer

    def _note_release(self, method: str, path: str, named: str | None, answer: Answer) -> None:
        release_id = answer.release_id or named
        if release_id is None:
            if (method, path) == ("POST", "/v1/releases"):
                raise VaultUnavailable(
                    "The vault's answer does not say which release it is, so it was not passed on.",
                    hint="The vault and this kernel must be of the same version.",
                )
            return
        self._releases.remember(release_id)
        # Fetched now and not when it is displayed: a display would hold the cell's other output up.
        self._releases.load(release_id)

    def _next_event(self) -> h11.Event | None:
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    self._write(h11.InformationalResponse(status_code=100, headers=[]))
                self._http.receive_data(self._socket.recv(65_536))
            elif isinstance(event, h11.Event):
                return None if isinstance(event, h11.ConnectionClosed) else event
            else:
                return None

    def _read_body(self) -> bytes | None:
        """The body, or None when it is too large; it is read to its end, so that the next request can be told."""
        body, size = bytearray(), 0
        while isinstance(event := self._next_event(), h11.Data):
            size += len(event.data)
            if size > _MAX_SKIPPED:
                raise h11.RemoteProtocolError("body without end")
            if size <= MAX_BODY:
                body += event.data
        return bytes(body) if size <= MAX_BODY else None

    def _send(self, answer: Answer) -> None:
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            *([(RELEASE_HEADER, answer.release_id)] if answer.release_id else []),
        ]
        self._write(h11.Response(status_code=answer.status, headers=_encoded(headers)))
        self._write(h11.Data(data=answer.body))
        self._write(h11.EndOfMessage())

    def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._socket.sendall(data)


def _allowed(method: str, path: str) -> str | None:
    """The release that an allowed path names; raises for a path that is not on the list."""
    for allowed_method, pattern in ALLOWED:
        match = pattern.match(path) if method == allowed_method else None
        if match:
            return match.groupdict().get("id")
    raise Forbidden(
        "A kernel may not ask the vault for this.",
        hint="Ask through kernel_guard.client: studies, budget, quote and release.",
    )


def _refusal(error: KernelGuardError) -> Answer:
    return Answer(error.status, "application/json", json.dumps({"error": error.public()}).encode())


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
