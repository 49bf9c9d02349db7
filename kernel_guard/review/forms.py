"""The closed forms of what may leave: which fields each kind of item has, and what each field may hold.

- A field that is unknown or missing, a value of another type, a size above the limits: refused, with the form's fields.
- Numbers are finite; a row is as wide as the columns; a figure draws only columns that it brings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import RequestInvalid

MAX_ROWS, MAX_COLUMNS, MAX_TEXT, MAX_IDS = 20_000, 200, 200_000, 5_000
CHARTS = ("bar", "line", "scatter", "histogram", "survival", "heatmap", "forest")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,), "float": (int, float), "string": (str,), "boolean": (bool,),
}  # fmt: skip


class FormError(Exception):
    """What a field needs, in our own words."""


def fields(value: Any, checks: Mapping[str, Callable[[Any], Any]], what: str, optional: tuple[str, ...] = ()) -> Any:
    """The fields of `value`, each through its check; raises `RequestInvalid` naming what is wrong."""
    if not isinstance(value, Mapping):
        raise RequestInvalid(f"This {what} must be an object.")
    unknown = sorted(set(map(str, value)) - set(checks))
    missing = sorted(set(checks) - set(value) - set(optional))
    if unknown or missing:
        word, name = ("has an unknown field", unknown[0]) if unknown else ("lacks the field", missing[0])
        raise RequestInvalid(f"This {what} {word} {name[:40]!r}.", hint=f"Its fields: {', '.join(checks)}.")
    try:
        return {name: checks[name](value[name]) for name in checks if name in value}
    except FormError as error:
        raise RequestInvalid(f"This {what} holds a value that it may not: {error}.") from None


def identifier(value: Any) -> str:
    if not isinstance(value, str) or not _ID.match(value):
        raise FormError("an id of letters, digits, - and _ is needed")
    return value


def line(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 300 or not value.isprintable():
        raise FormError("one line of at most 300 characters is needed")
    return value


def text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise FormError(f"text of at most {MAX_TEXT:,} characters is needed")
    return value


def object_(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FormError("an object is needed")
    return value


def _number(value: Any) -> Any:
    if value is not None and not _is(value, (int, float)):
        raise FormError("a finite number or null is needed")
    return value


def _whole(value: Any) -> Any:
    if not _is(value, (int,)) or value < 0:
        raise FormError("a whole number from 0 is needed")
    return value


def _ids(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > MAX_IDS:
        raise FormError("a list of ids is needed")
    return [identifier(v) for v in value]


def _columns(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_COLUMNS:
        raise FormError(f"1 to {MAX_COLUMNS} columns are needed")
    checks = {"name": line, "type": _column_type, "counts": _flag}
    found = [fields(c, checks, "column", ("counts",)) for c in value]
    if len({c["name"] for c in found}) != len(found):
        raise FormError("each column needs a name of its own")
    return found


def _column_type(value: Any) -> str:
    if value not in _TYPES:
        raise FormError(f"a column's type is one of {', '.join(_TYPES)}")
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise FormError("true or false is needed")
    return value


def _rows(value: Any) -> list[list[Any]]:
    if not isinstance(value, list) or len(value) > MAX_ROWS or any(not isinstance(r, list) for r in value):
        raise FormError(f"at most {MAX_ROWS:,} rows are possible, each a list")
    return value


def _chart(value: Any) -> str:
    if value not in CHARTS:
        raise FormError(f"a chart is one of {', '.join(CHARTS)}")
    return str(value)


def _names(value: Any) -> list[str]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_COLUMNS:
        raise FormError("a list of column names is needed")
    return [line(v) for v in value]


def _terms(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > 1_000:
        raise FormError("at most 1,000 terms are possible")
    numbers: dict[str, Callable[[Any], Any]] = dict.fromkeys(("estimate", "error", "low", "high", "p"), _number)
    checks = {"name": line, **numbers}
    return [fields(t, checks, "term", ("error", "low", "high", "p")) for t in value]


def _statistics(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or len(value) > 100:
        raise FormError("at most 100 statistics are possible")
    return {line(k): _number(v) for k, v in value.items()}


def _cells(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > 2_000:
        raise FormError("at most 2,000 cells are possible")
    return [{"outputs": [], **fields(c, {"source": text, "outputs": _ids}, "cell", ("outputs",))} for c in value]


def _check_grid(content: Mapping[str, Any]) -> None:
    """Each row as wide as the columns, each value of its column's type or null."""
    kinds = [_TYPES[c["type"]] for c in content["columns"]]
    for number, row in enumerate(content["rows"]):
        if len(row) != len(kinds):
            raise RequestInvalid(f"Row {number + 1} is not as wide as the table.")
        for value, kind, column in zip(row, kinds, content["columns"], strict=True):
            if value is not None and not _is(value, kind):
                raise RequestInvalid(f"Row {number + 1} of {column['name']!r} holds no {column['type']}.")


def _is(value: Any, kind: tuple[type, ...]) -> bool:
    if isinstance(value, bool) or kind == (bool,):
        return isinstance(value, bool) and kind == (bool,)
    if isinstance(value, str):
        return kind == (str,) and len(value) <= 2_000
    if isinstance(value, int):
        return int in kind and abs(value) < 2**63
    return isinstance(value, float) and float in kind and math.isfinite(value)


def _check_figure(content: Mapping[str, Any]) -> None:
    _check_grid(content)
    names = {c["name"] for c in content["columns"]}
    used = {content["x"], *content["y"], content.get("low"), content.get("high")} - {None}
    if not used <= names:
        raise RequestInvalid("The figure draws a column that its data do not have.")


def _nothing(_content: Mapping[str, Any]) -> None:
    """Fields alone say all that this form needs."""


@dataclass(frozen=True)
class Form:
    """The closed form of one kind of item."""

    fields: Mapping[str, Callable[[Any], Any]]
    optional: tuple[str, ...] = ()
    check: Callable[[Mapping[str, Any]], None] = _nothing


_GRID: dict[str, Callable[[Any], Any]] = {"columns": _columns, "rows": _rows, "releases": _ids}
_AXES: dict[str, Callable[[Any], Any]] = dict.fromkeys(("x", "low", "high", "title", "x_label", "y_label"), line)
FORMS: dict[str, Form] = {
    "release": Form({"release": identifier}),
    "table": Form({**_GRID, "note": text}, ("note",), _check_grid),
    "figure": Form(
        {"chart": _chart, "y": _names, **_AXES, **_GRID}, ("low", "high", "title", "x_label", "y_label"), _check_figure
    ),
    "model": Form(
        {"model": line, "formula": text, "observations": _whole, "parameters": _whole, "terms": _terms,
         "statistics": _statistics, "releases": _ids},
        ("formula", "observations", "parameters", "statistics"),
    ),
    "text": Form({"text": text, "releases": _ids}, ("releases",)),
    "code": Form({"language": line, "cells": _cells}),
}  # fmt: skip
