"""Ways out of a refusal, each asked by one call: `error.repairs[0].apply()`.

- The vault offers only what it would answer; a repair holds the whole question and spends nothing until it is applied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kernel_guard.errors import KernelGuardError
from kernel_guard.plan.codec import VERSION, canonical_json

Send = Callable[[bytes], Any]


@dataclass(frozen=True)
class Repair:
    """Another question that would be answered."""

    text: str
    kind: str
    _ask: Any = field(repr=False)
    _send: Send = field(repr=False)

    def apply(self) -> Any:
        """Ask it."""
        return self._send(canonical_json({"version": VERSION, "ask": self._ask}))


def attach(error: KernelGuardError, send: Send) -> None:
    """Give a refusal its `repairs`, and name them in its hint."""
    listed = error.details.get("repairs")
    found = [
        Repair(str(r.get("text", "")), str(r.get("kind", "")), r.get("ask"), send)
        for r in (listed if isinstance(listed, list) else []) if isinstance(r, dict)
    ]  # fmt: skip
    error.repairs = tuple(found)  # type: ignore[attr-defined]
    if found:
        ways = "; ".join(f"error.repairs[{i}].apply(): {repair.text}" for i, repair in enumerate(found))
        error.hint = f"{error.hint} What would be answered: {ways}".strip()
