"""Checks for one field of a message: each returns a fresh value that may pass, or raises `Refused`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.wrapper.content import json_value, text

Check = Callable[[Any], Any]
_COMM_ID = re.compile(r"[0-9a-f]{32}\Z|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_NAME = re.compile(r"\w[\w.]{0,99}\Z")
_INDENT = re.compile(r"[ \t]{0,32}\Z")
MAX_COUNT = 10_000_000


class Refused(Exception):
    """The value does not fit its row of the table."""


@dataclass(frozen=True)
class Field:
    """One field that may pass. Where it is missing: refuse, or leave it out."""

    check: Check
    required: bool = True


def rebuild(content: Any, fields: Mapping[str, Field]) -> dict[str, Any]:
    """A new content with the table's fields and nothing else."""
    if not isinstance(content, dict):
        raise Refused
    missing = [name for name, row in fields.items() if row.required and name not in content]
    if missing:
        raise Refused
    return {name: row.check(content[name]) for name, row in fields.items() if name in content}


def one_of(*allowed: str) -> Check:
    """One of these words."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise Refused
        return value

    return check


def a_text(limit: int) -> Check:
    """Cleaned text, cut at `limit` characters."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise Refused
        return text.shorten(text.clean(value), limit)

    return check


def a_line(limit: int) -> Check:
    """One cleaned line, cut at `limit` characters."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise Refused
        return text.clean_line(value, limit)

    return check


def a_list(item: Check, limit: int) -> Check:
    """At most `limit` items; the rest is left out."""

    def check(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Refused
        return [item(entry) for entry in value[:limit]]

    return check


def boolean(value: Any) -> bool:
    """True or false, not something that counts as it."""
    if not isinstance(value, bool):
        raise Refused
    return value


def count(value: Any) -> int | None:
    """A cell number or a cursor position; null where the kernel has none."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
        raise Refused
    return value


def name(value: Any) -> str:
    """A Python name, as an exception's class has one."""
    if not isinstance(value, str) or not _NAME.match(value):
        return "Error"
    return value


def indent(value: Any) -> str:
    """White space to start the next line with."""
    if not isinstance(value, str) or not _INDENT.match(value):
        raise Refused
    return value


def comm_id(value: Any) -> str:
    """A UUID, the only form in which Jupyter's own code names a comm or a subshell."""
    if not isinstance(value, str) or not _COMM_ID.match(value):
        raise Refused
    return value


def a_dict(value: Any) -> dict[str, Any]:
    """A dictionary that the rule itself takes apart."""
    if not isinstance(value, dict):
        raise Refused
    return value


def json(value: Any) -> Any:
    """A JSON value, rebuilt."""
    try:
        return json_value.rebuild(value)
    except json_value.BadValue:
        raise Refused from None


MAX_TRACEBACK_LINES = 200
STREAM: Mapping[str, Field] = {"name": Field(one_of("stdout", "stderr")), "text": Field(a_text(20_000_000))}
ERROR: Mapping[str, Field] = {
    "ename": Field(name),
    "evalue": Field(a_text(10_000)),
    "traceback": Field(a_list(a_text(10_000), MAX_TRACEBACK_LINES)),
}
