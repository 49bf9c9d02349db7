"""What code handed over, read as hostile bytes: lines of JSON in one closed form. Nothing else is understood.

- Size, depth, repeated keys, not-a-number, types, lengths: what is off makes the whole line count as not handed over.
  There is no error text, because there is nobody to read it.
- Names must be ones that the code's text declares; the first object under a name counts. Number and order of what
  a checker sees are those of the text, whether handed over or not.
- Text in cells and column names must be a word of the code's text or of the schema, or an interval of numbers;
  other text is replaced by null and counted. Numbers keep six significant digits. So a cell cannot carry a page.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from kernel_guard.errors import PlanError
from kernel_guard.plan.codec import parse_json
from kernel_guard.plan.protected import Output, ProtectedAsk, parse, releases_of
from kernel_guard.plan.schema import Study

_Found = TypeVar("_Found")
MAX_ANSWER_BYTES = 4_096
MAX_BYTES = 4 << 20
MAX_COLUMNS = 64
MAX_ROWS = 5_000
_KINDS = ("table", "figure", "model")
_TYPES = ("integer", "float", "boolean", "string")
_LARGEST = 2**53
_DIGITS = 6
_INTERVAL = re.compile(r"[\[(]-?[0-9.]{1,12}, ?-?[0-9.]{1,12}[\])]\Z")
# Names that the conversions on the other side write, which no text declares.
_KNOWN = frozenset(
    "axes series x y parameter position value name params bse pvalues tvalues const Intercept coef_ intercept_ "
    "feature_importances_ n_iter_ classes_ count mean std min max 25% 50% 75% index True False".split()
)
_COUNTED = re.compile(r"(key_|x)?[0-9]{1,4}\Z")  # names that libraries make up for columns without one


@dataclass(frozen=True)
class Handed:
    """An object as it was handed over; `claimed` are the stand-ins that the code names behind each row."""

    name: str
    kind: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    claimed: tuple[frozenset[int], ...] | None
    texts_dropped: int


def read_answer(handed: bytes, outputs: tuple[Output, ...]) -> list[float]:
    """A block's answer, clamped to the declared bounds; the declared defaults where there is none that counts."""
    numbers = _read(_numbers, handed)
    if not isinstance(numbers, list) or len(numbers) != len(outputs) or not all(map(_is_number, numbers)):
        return [output.default for output in outputs]
    return [min(max(float(n), o.lower), o.upper) for n, o in zip(numbers, outputs, strict=True)]


def read_objects(handed: bytes, ask: ProtectedAsk, study: Study) -> dict[str, Handed | None]:
    """Every declared name, in the order of the code's text, with what was handed over under it."""
    found: dict[str, Handed | None] = dict.fromkeys(releases_of(ask.code))
    words = _words(ask, study)
    for line in handed.split(b"\n")[:-1] if len(handed) <= MAX_BYTES else ():
        item = _read(lambda text: _object(_json(text), words), line)
        if item is not None and found.get(item.name, item) is None:
            found[item.name] = item
    return found


def _object(document: Any, words: frozenset[str]) -> Handed | None:
    if not isinstance(document, dict) or set(document) != {"name", "kind", "columns", "rows", "patients"}:
        return None
    name, kind, columns, rows = (document[key] for key in ("name", "kind", "columns", "rows"))
    if not isinstance(name, str) or kind not in _KINDS or not _are_columns(columns):
        return None
    types = [column[1] for column in columns]
    if not isinstance(rows, list) or len(rows) > MAX_ROWS or not all(_is_row(row, types) for row in rows):
        return None
    claimed = _claimed(document["patients"], len(rows))
    dropped: list[str] = []
    names = tuple((_word(text, words, dropped) or f"column {i + 1}", of) for i, (text, of) in enumerate(columns))
    kept = tuple(tuple(_cell(value, words, dropped) for value in row) for row in rows)
    return Handed(name, kind, names, kept, claimed, len(dropped))


def _read(reader: Callable[[bytes], _Found], handed: bytes) -> _Found | None:
    """What a reader finds. Whatever hostile bytes do to it, the run goes on: an error that shows would be an answer."""
    try:
        return reader(handed)
    except Exception:
        return None


def _numbers(handed: bytes) -> Any:
    """The answer in the one line that there may be."""
    line, end, rest = handed.partition(b"\n")
    document = _json(line) if end and not rest and len(handed) <= MAX_ANSWER_BYTES else None
    return document["answer"] if isinstance(document, dict) and set(document) == {"answer"} else None


def _json(line: bytes) -> Any:
    try:
        return parse_json(line)
    except PlanError:
        return None


def _is_number(value: Any) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return abs(value) <= 1e308 and math.isfinite(value)


def _are_columns(columns: Any) -> bool:
    return (
        isinstance(columns, list)
        and 1 <= len(columns) <= MAX_COLUMNS
        and all(isinstance(c, list) and len(c) == 2 and isinstance(c[0], str) and c[1] in _TYPES for c in columns)
    )


def _is_row(row: Any, types: list[str]) -> bool:
    return isinstance(row, list) and len(row) == len(types) and all(map(_is_cell, row, types))


def _is_cell(value: Any, kind: str) -> bool:
    if value is None:
        return True
    match kind:
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, (str, bool, int, float)) and (isinstance(value, (str, bool)) or _is_number(value))
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
        case _:
            return _is_number(value)


def _cell(value: Any, words: frozenset[str], dropped: list[str]) -> Any:
    if isinstance(value, str):
        return _word(value, words, dropped)
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    return value


def _word(text: str, words: frozenset[str], dropped: list[str]) -> str | None:
    if text in words or _INTERVAL.match(text) or _COUNTED.match(text):
        return text
    dropped.append(text)
    return None


def _claimed(patients: Any, rows: int) -> tuple[frozenset[int], ...] | None:
    """Distinct stand-ins that the code names behind each row: a claim, for `claims` and a checker to weigh."""
    if not isinstance(patients, list) or len(patients) != rows:
        return None
    return tuple(frozenset(filter(_is_count, group)) if isinstance(group, list) else frozenset() for group in patients)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _words(ask: ProtectedAsk, study: Study) -> frozenset[str]:
    """Text that says nothing about the rows: the code's own, and what the schema declares."""
    return frozenset([*_KNOWN, *_of_code(parse(ask.code)), *_of_schema(ask, study)])


def _of_code(tree: ast.Module) -> Iterable[str]:
    for node in ast.walk(tree):
        fields: Mapping[str, Any] = dict(ast.iter_fields(node))
        yield from (value for key, value in fields.items() if key in _TEXT_FIELDS and isinstance(value, str))


_TEXT_FIELDS = ("id", "attr", "arg", "name", "value")


def _of_schema(ask: ProtectedAsk, study: Study) -> Iterable[str]:
    for use in ask.tables:
        for column in study.table(use.table).columns:
            yield column.name
            for category in column.categories or ():
                yield str(category.value)
                yield category.label
