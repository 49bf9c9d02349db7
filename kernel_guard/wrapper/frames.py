"""Jupyter's wire format: routing frames, a delimiter, an HMAC, four JSON parts, buffers.

- What is sent is always made here; frames of one side never reach the other.
- What is received is checked for its signature before any of it is parsed, and for its size before that.
- Buffers are not covered by the HMAC; a caller treats them as unsigned.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

DELIMITER = b"<IDS|MSG>"
PROTOCOL = "5.4"
MAX_HEADER = 64 * 1024
MAX_CONTENT = 10 * 1024 * 1024
MAX_FRAMES = 1_024
_ids = itertools.count(1)
SESSION = uuid.uuid4().hex


class BadFrames(Exception):
    """Not a message of the peer that holds the key."""


class Oversized(Exception):
    """A message above the limit; header and parent were read, content was not."""

    def __init__(self, header: dict[str, Any], parent: dict[str, Any]) -> None:
        super().__init__()
        self.header, self.parent = header, parent


@dataclass(frozen=True)
class Message:
    """One message as received: signature checked, JSON parsed, nothing else believed."""

    route: tuple[bytes, ...]
    signature: bytes
    header: dict[str, Any]
    parent: dict[str, Any]
    metadata: dict[str, Any]
    content: dict[str, Any]
    buffers: tuple[bytes, ...]

    @property
    def msg_type(self) -> str:
        return str(self.header.get("msg_type"))

    @property
    def size(self) -> int:
        return sum(map(len, self.buffers))


class Signer:
    """HMAC-SHA256 with one side's key."""

    def __init__(self, key: bytes) -> None:
        self._hmac = hmac.new(key, digestmod=hashlib.sha256)

    def sign(self, parts: Sequence[bytes]) -> bytes:
        """The signature frame over the four parts."""
        mac = self._hmac.copy()
        for part in parts:
            mac.update(part)
        return mac.hexdigest().encode("ascii")


def pack(
    signer: Signer,
    header: dict[str, Any],
    parent: dict[str, Any],
    metadata: dict[str, Any],
    content: dict[str, Any],
    buffers: Sequence[bytes] = (),
) -> list[bytes]:
    """The frames after the routing part."""
    parts = [orjson.dumps(part) for part in (header, parent, metadata, content)]
    return [DELIMITER, signer.sign(parts), *parts, *buffers]


def unpack(frames: Sequence[bytes], signer: Signer, max_content: int = MAX_CONTENT) -> Message:
    """Check and parse; `BadFrames` when it is not the peer's, `Oversized` when it is too much."""
    route, signature, parts, buffers = _split(frames)
    if not hmac.compare_digest(signature, signer.sign(parts)):
        raise BadFrames
    header, parent = _json(parts[0]), _json(parts[1])
    if len(parts[2]) + len(parts[3]) + sum(map(len, buffers)) > max_content:
        raise Oversized(header, parent)
    return Message(tuple(route), signature, header, parent, _json(parts[2]), _json(parts[3]), tuple(buffers))


def make_header(msg_type: str) -> dict[str, Any]:
    """A header of the guard's own."""
    return {
        "msg_id": f"{SESSION}_{next(_ids)}",
        "msg_type": msg_type,
        "username": "kernel-guard",
        "session": SESSION,
        "date": now(),
        "version": PROTOCOL,
    }


def now() -> str:
    """The time as Jupyter writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _split(frames: Sequence[bytes]) -> tuple[list[bytes], bytes, list[bytes], list[bytes]]:
    try:
        at = list(frames[:16]).index(DELIMITER)
    except ValueError:
        raise BadFrames from None
    parts = list(frames[at + 2 : at + 6])
    if len(parts) != 4 or len(frames) > MAX_FRAMES or max(map(len, parts[:2])) > MAX_HEADER:
        raise BadFrames
    return list(frames[:at]), frames[at + 1], parts, list(frames[at + 6 :])


def _json(part: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(part)
    except orjson.JSONDecodeError:
        raise BadFrames from None
    if not isinstance(value, dict):
        raise BadFrames
    return value
