"""Where a table, figure or model comes from: the seal that a guarded kernel's wrapper put on it, checked by the vault.

- A derived item is taken only with a seal: a label that a key signed which the vault knows for this person and project,
  over exactly these numbers. What was typed, altered, or shown by another project's kernel cannot be asked to leave.
- The releases behind the item are those that the seal names: every one that the kernel held. Nobody's word counts.
- The seal stays with the item, so that a checker and the bundle can say where it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from kernel_guard.errors import RequestInvalid
from kernel_guard.trust.labels import OPEN, data_digest, is_signed

DERIVED = ("table", "figure", "model")
_KEPT = ("zone", "releases", "code_sha256", "data_sha256", "numbers_sha256", "time", "late", "keyid", "signature")
_HINT = "Show it in a guarded kernel of this project and choose it there; what is typed or altered carries no seal."


class KnownKeys(Protocol):
    """The keys of guarded kernels that the vault was told of."""

    def of(self, user: str, project: str) -> dict[str, bytes]: ...


def check_seal(kind: str, content: Mapping[str, Any], seal: Any, keys: Mapping[str, bytes]) -> dict[str, Any]:
    """The seal that proves a derived item; raises unless a known kernel showed these very numbers."""
    if not is_signed(seal, keys):
        raise RequestInvalid("This item carries no seal of a guarded kernel of yours in this project.", hint=_HINT)
    numbers = {"kind": kind, "content": {k: v for k, v in content.items() if k != "releases"}}
    if seal.get("zone") != OPEN or seal.get("numbers_sha256") != data_digest(numbers):
        raise RequestInvalid("The seal of this item belongs to other numbers.", hint=_HINT)
    if not set(seal) <= set(_KEPT):
        raise RequestInvalid("The seal of this item is of a newer form.", hint="Ask for the vault to be updated.")
    return dict(seal)
