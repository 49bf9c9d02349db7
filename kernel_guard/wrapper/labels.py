"""The signed label on every output: what it is, what it can depend on, who says so.

- `zone` is release (the vault's statement), open (made by the kernel), withheld or notice (made by the guard), or cell:
  the seal over a cell's streams and errors (`seals`).
- `releases` are all releases that the kernel held when the output was made: the kernel's code is not followed, so
  each may have gone into it.
- Signed bytes: the label without `signature`, as JSON with sorted keys, no spaces and text as it is (orjson's form).
  `data_sha256` in it binds the label to the content, `code_sha256` to the cell. Numbers are compared by value: a
  notebook that was saved holds 1 where 1.0 was sent.
- Verify: `verify(public key, b64decode(signature), signed_bytes(label))`, and that `label["data_sha256"]` is
  `data_digest(data)`.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Protocol

import orjson

from kernel_guard.wrapper.frames import now

KEY = "kernel_guard"
CELL = "cell"
_EXACT = 2**53  # above it a browser rounds integers as it rounds any number


class Signs(Protocol):
    """A signing key of `kernel_guard.trust.signing`."""

    keyid: str

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`."""
        ...


class Labeller:
    """Makes and signs labels with the wrapper's key."""

    def __init__(self, key: Signs) -> None:
        self._key = key

    def label(self, zone: str, data: Any, code: str, releases: list[str], late: bool = False) -> dict[str, Any]:
        """The label of one output; `late` when the cell had ended before it came."""
        label: dict[str, Any] = {
            "zone": zone,
            "releases": releases,
            "code_sha256": code_digest(code),
            "data_sha256": data_digest(data),
            "time": now(),
            "keyid": self._key.keyid,
        }
        if late:
            label["late"] = True
        return self._signed(label)

    def seal(self, code: str, releases: list[str], streams: dict[str, list[str]], errors: list[str]) -> dict[str, Any]:
        """The seal of one cell, over what has no metadata of its own."""
        seal = {
            "zone": CELL,
            "releases": releases,
            "code_sha256": code_digest(code),
            "streams": streams,
            "errors": errors,
            "time": now(),
            "keyid": self._key.keyid,
        }
        return self._signed(seal)

    def _signed(self, label: dict[str, Any]) -> dict[str, Any]:
        return {**label, "signature": base64.b64encode(self._key.sign(signed_bytes(label))).decode("ascii")}


def code_digest(code: str) -> str:
    """Digest of a cell's code."""
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()


def signed_bytes(label: dict[str, Any]) -> bytes:
    """What a label's signature is over."""
    return _canonical({key: value for key, value in label.items() if key != "signature"})


def data_digest(data: Any) -> str:
    """Digest of an output's data (a MIME bundle, or a stream's text), the same before and after saving."""
    return hashlib.sha256(_canonical(_by_value(data))).hexdigest()


def _canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _by_value(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and abs(value) > _EXACT:
        return int(float(value))
    if isinstance(value, list):
        return [_by_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _by_value(item) for key, item in value.items()}
    return value
