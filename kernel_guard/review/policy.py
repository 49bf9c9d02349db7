"""How many people check what, for how long, and what never leaves: set per project by a steward.

- Risk classes are a closed list. A class has 0 checkers only where the policy names it so, and protected code's output
  always has one at least.
- What is "screen only" may be looked at in the environment and cannot be asked to leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel_guard.errors import ConfigError

CLASSES = ("dp", "sdc", "derived", "model", "text", "code", "unlinked", "protected_code")
_DEFAULT = {name: 1 for name in CLASSES} | {"unlinked": 2, "protected_code": 2}


@dataclass(frozen=True)
class Limits:
    """The disclosure limits that items are compared with: the strictest of the project's studies."""

    threshold: int = 10
    zeros_disclosive: bool = True
    rounding: int = 1
    degrees_of_freedom: int = 10


@dataclass(frozen=True)
class ReviewPolicy:
    """`checkers`: number per risk class; `screen_only`: classes that cannot leave; days until a request expires."""

    checkers: Mapping[str, int] = field(default_factory=lambda: dict(_DEFAULT))
    screen_only: tuple[str, ...] = ()
    expires_days: int = 60
    context_words: int = 12

    def needed(self, risk_class: str) -> int:
        """How many checkers a class needs."""
        return self.checkers[risk_class]

    def to_json(self) -> dict[str, Any]:
        return {
            "checkers": dict(self.checkers),
            "screen_only": list(self.screen_only),
            "expires_days": self.expires_days,
            "context_words": self.context_words,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ReviewPolicy:
        """Check and build; unknown keys, classes and unsafe numbers are refused."""
        unknown = sorted(set(value) - set(cls().to_json()))
        if unknown:
            raise ConfigError(f"review.{unknown[0]}: unknown setting.", hint=f"Known: {', '.join(cls().to_json())}.")
        merged = {**cls().to_json(), **value}
        checkers = {**_DEFAULT, **merged["checkers"]}
        for name, number in checkers.items():
            if name not in CLASSES:
                raise ConfigError(f"review.checkers.{name}: unknown risk class.", hint=f"Known: {', '.join(CLASSES)}.")
            if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= 5:
                raise ConfigError(f"review.checkers.{name}: must be a whole number from 0 to 5.")
        if checkers["protected_code"] == 0:
            raise ConfigError("review.checkers.protected_code: output of protected code is always checked by a person.")
        screen = tuple(merged["screen_only"])
        if any(name not in CLASSES for name in screen):
            raise ConfigError("review.screen_only: may hold risk classes.", hint=f"Known: {', '.join(CLASSES)}.")
        for name, low, high in (("expires_days", 1, 365), ("context_words", 0, 200)):
            number = merged[name]
            if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
                raise ConfigError(f"review.{name}: must be a whole number from {low} to {high}.")
        return cls(checkers, screen, merged["expires_days"], merged["context_words"])
