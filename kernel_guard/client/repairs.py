"""Ways out of a refusal or of masks, each asked by one call: `error.repairs[0].apply()`, `released.repairs[0].apply()`.

- The vault offers only what it would answer; a repair holds the whole question and spends nothing until it is applied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel_guard.client.scope import Transport
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


def of_release(transport: Transport, statement: Mapping[str, Any], send: Send) -> tuple[Repair, ...]:
    """The ways out of a release's masks; fetched when they are asked for."""
    if not any(None in row for row in statement["rows"]):
        return ()
    return _read(transport.get_json(f"/v1/releases/{statement['id']}/repairs").get("repairs"), send)


def _read(listed: object, send: Send) -> tuple[Repair, ...]:
    return tuple(
        Repair(str(r.get("text", "")), str(r.get("kind", "")), r.get("ask"), send)
        for r in (listed if isinstance(listed, list) else [])
        if isinstance(r, dict)
    )


def attach(error: KernelGuardError, send: Send) -> None:
    """Give a refusal its `repairs`, and name them in its hint."""
    found = _read(error.details.get("repairs"), send)
    error.repairs = found  # type: ignore[attr-defined]
    if found:
        ways = "; ".join(f"error.repairs[{i}].apply(): {repair.text}" for i, repair in enumerate(found))
        error.hint = f"{error.hint} What would be answered: {ways}".strip()
