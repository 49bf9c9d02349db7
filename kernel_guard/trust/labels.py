"""What a guarded kernel's wrapper signs about an output, and how anyone checks it.

- Signed bytes: the label without `signature`, as JSON with sorted keys, no spaces and text as it is (orjson's form).
- `data_sha256` in it binds the label to the content, `code_sha256` to the cell, `numbers_sha256` to the numbers that a
  checker would judge. Numbers are compared by value: a notebook that was saved holds 1 where 1.0 was sent.
- `is_signed` is true for a key that the caller trusts alone, and false for whatever cannot be read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from kernel_guard.errors import SignatureError

KEY = "kernel_guard"
CELL, OPEN = "cell", "open"
# The kernel's own account of a table, figure or model as numbers: what it is, and its content in review's closed form.
NUMBERS = "application/vnd.kernel-numbers+json"
_EXACT = 2**53  # above it a browser rounds integers as it rounds any number


def is_signed(label: Any, keys: Mapping[str, bytes]) -> bool:
    """Whether a trusted key signed this very label."""
    # Loaded when it is used: a wrapper that only signs starts without it.
    from kernel_guard.trust.signing import verify

    key = keys.get(str(label.get("keyid"))) if isinstance(label, dict) else None
    if key is None:
        return False
    try:
        verify(key, base64.b64decode(str(label.get("signature")), validate=True), signed_bytes(label))
    except (SignatureError, binascii.Error, ValueError, TypeError, RecursionError):
        return False
    return True


def code_digest(code: str) -> str:
    """Digest of a cell's code."""
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()


def signed_bytes(label: Mapping[str, Any]) -> bytes:
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
