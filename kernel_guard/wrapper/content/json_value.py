"""JSON values from the kernel, rebuilt.

- Depth, members and string length are bounded; a value outside the bounds raises.
- A dictionary's keys are short strings; numbers are finite; strings are cleaned like any text.
"""

from __future__ import annotations

import math
from typing import Any

from kernel_guard.wrapper.content import text

MAX_DEPTH = 32
MAX_MEMBERS = 100_000
MAX_KEY = 512
# A browser rounds integers above 2^53; above this nothing reads them.
_MAX_INTEGER = 2**63


class BadValue(Exception):
    """Too deep, too many members, or not a JSON value."""


def rebuild(value: Any, members: int = MAX_MEMBERS) -> Any:
    """A fresh copy of a JSON value within the bounds."""
    return _copy(value, MAX_DEPTH, [members])


def _copy(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if depth == 0 or left[0] < 0:
        raise BadValue
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text.clean(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list):
        return [_copy(item, depth - 1, left) for item in value]
    if isinstance(value, dict):
        return {_key(key): _copy(item, depth - 1, left) for key, item in value.items()}
    raise BadValue


def _number(value: int | float) -> int | float:
    if isinstance(value, float) and not math.isfinite(value):
        raise BadValue
    if isinstance(value, int) and abs(value) > _MAX_INTEGER:
        raise BadValue
    return value


def _key(key: Any) -> str:
    if not isinstance(key, str) or len(key) > MAX_KEY:
        raise BadValue
    return text.clean(key)
