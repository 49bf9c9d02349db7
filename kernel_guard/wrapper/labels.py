"""The signed label on every output: what it is, what it can depend on, who says so.

- `zone` is release (the vault's statement), open (made by the kernel), withheld or notice (made by the guard), or cell:
  the seal over a cell's streams and errors (`seals`).
- `releases` are all releases that the kernel held when the output was made: the kernel's code is not followed, so
  each may have gone into it.
- How a label is bound to its content, and how anyone checks it, is in `kernel_guard/trust/labels.py`.
"""

from __future__ import annotations

import base64
from typing import Any, Protocol

from kernel_guard.trust.labels import CELL, NUMBERS, code_digest, data_digest, signed_bytes
from kernel_guard.wrapper.frames import now


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
        if isinstance(data, dict) and NUMBERS in data:
            # A checker judges these alone, so they are bound apart from the pictures beside them.
            label["numbers_sha256"] = data_digest(data[NUMBERS])
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
