"""Requests over a socket: answers, errors, a vault that is down or dies in the middle."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kernel_guard.errors import BudgetExceeded, ConfigError, InternalError, VaultUnavailable
from kernel_guard.wire.http import VaultClient, from_environment, open_inherited
from kernel_guard.wire.released import read_release, write_release

STATEMENT = {
    "id": "r1",
    "columns": [
        {"name": "sex", "type": "string", "role": "key"},
        {"name": "n", "type": "integer", "role": "value"},
        {"name": "m", "type": "float", "role": "value"},
    ],
    "rows": [["F", 12, 1.5], ["M", None, None]],
}


def request(sock: socket.socket) -> bytes:
    """One whole request: its head and, by its length, its body."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += sock.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(*answers: bytes) -> tuple[VaultClient, list[bytes]]:
    """A client on one inherited socket whose other end gives these answers in turn."""
    ours, theirs = socket.socketpair()
    seen: list[bytes] = []

    def serve() -> None:
        for answer in answers:
            seen.append(request(theirs))
            theirs.sendall(answer)
        theirs.close()

    threading.Thread(target=serve, daemon=True).start()
    return VaultClient(connect=lambda: ours), seen


def http(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_several_requests_share_the_one_socket() -> None:
    client, seen = answering(http("200 OK", b'{"a":1}'), http("200 OK", b'{"a":2}'))
    assert client.get_json("/v1/health") == {"a": 1}
    assert client.post_json("/v1/quote", b"{}") == {"a": 2}
    assert seen[0].startswith(b"GET /v1/health HTTP/1.1") and b"Authorization" not in seen[0]


def test_errors_come_back_as_they_were_raised() -> None:
    error = b'{"error":{"code":"budget_exceeded","message":"m","hint":"h","details":{"left":"0"}}}'
    client, _ = answering(http("409 Conflict", error), http("500 X", b'{"error":{"code":"new_kind","message":"n"}}'))
    with pytest.raises(BudgetExceeded) as caught:
        client.get_json("/")
    assert caught.value.public() == {
        "code": "budget_exceeded",
        "message": "m",
        "hint": "h",
        "details": {"left": "0"},
    }
    with pytest.raises(InternalError):
        client.get_json("/")


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", http("200 OK", b"[1]"), http("500 X", b"{}")])
def test_what_is_not_understood_is_unavailable(answer: bytes) -> None:
    client, _ = answering(answer)
    with pytest.raises(VaultUnavailable):
        client.get_json("/")


def test_a_vault_that_is_down(tmp_path: Path) -> None:
    with pytest.raises(VaultUnavailable) as caught:
        VaultClient(tmp_path / "none.sock").get_json("/v1/health")
    assert "run the cell again" in caught.value.hint


def test_without_a_sandbox_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KERNEL_GUARD_FD", "KERNEL_GUARD_VAULT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(VaultUnavailable):
        open_inherited()
    with pytest.raises(ConfigError):
        from_environment()


def test_a_release_survives_the_wire() -> None:
    got = read_release(write_release(STATEMENT, {"payload": "x"}))
    assert got.statement == STATEMENT and got.envelope == {"payload": "x"}
    assert got.table.to_pylist() == [{"sex": "F", "n": 12, "m": 1.5}, {"sex": "M", "n": None, "m": None}]


Break = Callable[[bytes], bytes]


@pytest.mark.parametrize("break_it", [lambda b: b[:40], lambda b: b"", lambda b: b"x" * 100])
def test_a_damaged_release_is_a_clear_error(break_it: Break) -> None:
    with pytest.raises(VaultUnavailable, match="could not be read"):
        read_release(break_it(write_release(STATEMENT, {})))
