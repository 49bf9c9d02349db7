"""What a machine sees in an item before a person does: the commonest reasons for which requests are sent back.

- Four causes make most returns: unrounded counts, thin context, unredacted counts, missing underlying data. Each is a
  check here, with the cells that it is about; low degrees of freedom and shares that give a count away are two more.
- `stop` holds a submission until it is mended or justified in words; `look` puts it on top of the checker's page;
  `note` is said and no more.
- Texts name columns, rows and limits, never a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.review.content import Group, Item, grid
from kernel_guard.review.policy import Limits

STOP, LOOK, NOTE = "stop", "look", "note"
MAX_CELLS = 200
# Names that mean a number of people or events, in the words that analysts use.
_COUNT = re.compile(
    r"^(n|no|num|cnt|freq|count|counts|number|total|totals|events?|deaths?|cases?|controls?|patients?|persons?|people"
    r"|subjects?|at_risk|risk_set|obs|observations|frequency|size)$"
    r"|^(n|num|no|count|number)[_ .]|[_ .](n|cnt|count|counts|freq|total|patients|events|at_risk)$",
    re.IGNORECASE,
)
_SHARE = re.compile(r"(^|[_ .])(pct|percent|percentage|share|proportion|prop|rate|fraction)([_ .]|$)|%", re.IGNORECASE)
# Whole numbers that are keys or measurements, not people.
_KEYS = "year|month|week|day|decade|quarter|hour|age|band|code|id|rank|level|score|grade|stage|order|group|bin|lag"
_KEY_LIKE = re.compile(rf"^({_KEYS})([_ .]|$)|[_ .]({_KEYS})$", re.IGNORECASE)
_SAID = re.compile(r"\b[nN]\s*=\s*(\d+)\b|\b(\d+)\s+(?:patients?|people|persons?|cases?|deaths?|subjects?|women|men)\b")
_FILLER = re.compile(r"^(n/?a|none|todo|tbd|test|see (above|notebook|code)|as before|same|results?|-+|\.+)\W*$", re.I)


@dataclass(frozen=True)
class Finding:
    """Something that a machine saw; `cells` are (row number, column name)."""

    code: str
    severity: str
    message: str
    hint: str
    cells: tuple[tuple[int, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "cells": [list(c) for c in self.cells]}


def of_group(group: Group, least_words: int) -> list[Finding]:
    """Thin context: too short, a filler, or the same text in both fields."""
    found = []
    for field, words in (("context", least_words), ("controls", least_words // 2)):
        text = getattr(group, field).strip()
        thin = len({w.lower() for w in re.findall(r"\w+", text)}) < words or bool(_FILLER.match(text))
        if thin:
            found.append(_thin(f"The {field} of this group says too little.", field))
    if group.context.strip() and group.context.strip() == group.controls.strip():
        found.append(_thin("Context and controls are the same text.", "controls"))
    return found


def _thin(message: str, field: str) -> Finding:
    return Finding("thin_context", STOP, message, _CONTEXT_HINT[field])


def of_item(item: Item, limits: Limits, statements: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """All findings of one item; `statements` are the project's releases that it names."""
    check = _BY_KIND[item.kind]
    return list(check(item, limits, statements))


def _of_release(item: Item, limits: Limits, statements: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    statement = statements.get(item.releases[0])
    if statement is None:
        yield _MISSING_RELEASE
        return
    if statement["route"] == "dp":
        return
    columns = [{**c, "counts": c["type"] == "integer" and c["role"] == "value"} for c in statement["columns"]]
    yield from _of_grid(columns, statement["rows"], limits)
    for rule in statement["rules"]:
        if rule["verdict"] == "fail":
            yield Finding("rule_failed", LOOK, f"The rule {rule['rule']!r} did not pass.", "Look at what it says.")


def _of_table(item: Item, limits: Limits, statements: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    columns, rows = grid(item)
    yield from _of_links(item, statements)
    yield from _of_grid(columns, rows, _noise_aware(item, limits, statements))
    if rows and not any(_is_count(c) for c in columns) and any(c["type"] in ("float", "integer") for c in columns):
        yield from _without_counts(item, statements, "table")


def _of_figure(item: Item, limits: Limits, statements: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    columns, rows = grid(item)
    if not rows:
        yield Finding("missing_data", STOP, "The figure has no numbers under it.", "Submit it with the data it draws.")
    yield from _of_links(item, statements)
    yield from _of_grid(columns, rows, _noise_aware(item, limits, statements))
    if rows and not any(_is_count(c) for c in columns):
        yield from _without_counts(item, statements, "figure")
    if item.content["chart"] == "scatter":
        yield Finding("points", LOOK, "Each point of a scatter plot may be one patient.", "Show groups, not points.")


def _of_model(item: Item, limits: Limits, statements: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    yield from _of_links(item, statements)
    observations, parameters = item.content.get("observations"), item.content.get("parameters")
    if observations is None or parameters is None:
        yield Finding(
            "missing_data", STOP, "The model does not say on how many observations and parameters it rests.",
            "Add observations and parameters: degrees of freedom cannot be checked without them.",
        )  # fmt: skip
    elif observations - parameters < limits.degrees_of_freedom:
        yield Finding(
            "degrees_of_freedom", STOP, f"The model has fewer than {limits.degrees_of_freedom} degrees of freedom.",
            "Use fewer parameters or more patients.",
        )  # fmt: skip
    if not item.content["terms"] and not item.content.get("statistics"):
        yield Finding("missing_data", STOP, "The model has no terms and no statistics.", "Add what is to leave.")


def _of_text(item: Item, limits: Limits, statements: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    yield from _of_source(item.content["text"], limits, "The text")
    yield from (f for f in _of_links(item, statements) if item.releases)


def _of_code(item: Item, limits: Limits, _statements: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    for number, cell in enumerate(item.content["cells"]):
        for line in cell["source"].splitlines():
            if line.lstrip().startswith("#"):
                yield from _of_source(line, limits, f"A comment in code cell {number + 1}")


def _of_source(text: str, limits: Limits, where: str) -> Iterator[Finding]:
    numbers = [int(a or b) for a, b in _SAID.findall(text) if len(a or b) < 10]
    if any(0 < n < limits.threshold for n in numbers):
        yield Finding(
            "unredacted_count", STOP, f"{where} names a number of patients under {limits.threshold}.",
            f"Write 'fewer than {limits.threshold}'.",
        )  # fmt: skip
    elif limits.rounding > 1 and any(n % limits.rounding for n in numbers):
        yield Finding(
            "unrounded_count", LOOK, f"{where} names a number of patients that is not rounded.",
            f"Round it to a multiple of {limits.rounding}.",
        )  # fmt: skip


def _of_links(item: Item, statements: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    if not item.releases:
        yield Finding(
            "missing_data", STOP, "It names no release that it was made from.",
            "Choose the releases behind it, so that the vault can add its evidence.",
        )  # fmt: skip
    elif any(r not in statements for r in item.releases):
        yield _MISSING_RELEASE


def _of_grid(columns: list[dict[str, Any]], rows: list[list[Any]], limits: Limits | None) -> Iterator[Finding]:
    """Counts under the threshold, counts that are not rounded, shares that give a small count away."""
    if limits is None:
        return
    counts = [i for i, c in enumerate(columns) if _is_count(c)]
    small = _cells(columns, rows, counts, lambda v: v < limits.threshold and (v != 0 or limits.zeros_disclosive))
    if small:
        yield Finding(
            "unredacted_count", STOP, f"Counts under {limits.threshold} are not masked.",
            "Mask them, or pool the groups so that each has enough patients.", small,
        )  # fmt: skip
    if limits.rounding > 1:
        unrounded = _cells(columns, rows, counts, lambda v: v % limits.rounding != 0)
        if unrounded:
            yield Finding(
                "unrounded_count", STOP, f"Counts are not multiples of {limits.rounding}.",
                f"Round each count to a multiple of {limits.rounding}, then derive shares and totals.", unrounded,
            )  # fmt: skip
    yield from _of_unnamed(columns, rows, limits)
    yield from _of_shares(columns, rows, counts, limits)


def _of_unnamed(columns: list[dict[str, Any]], rows: list[list[Any]], limits: Limits) -> Iterator[Finding]:
    """Small whole numbers in a column that is not said to be a count and does not look like a key."""
    at = [
        i
        for i, c in enumerate(columns)
        if c["type"] == "integer" and "counts" not in c and not _is_count(c) and not _KEY_LIKE.search(c["name"])
    ]
    found = _cells(columns, rows, at, lambda v: 0 < v < limits.threshold)
    if found:
        yield Finding(
            "possible_count",
            LOOK,
            f"These may be numbers of patients under {limits.threshold}.",
            "Say of the column whether it counts (counts: true or false).",
            found,
        )


def _of_shares(
    columns: list[dict[str, Any]], rows: list[list[Any]], counts: list[int], limits: Limits
) -> Iterator[Finding]:
    """A share of a count in its row stands for a number of patients: share times count."""
    shares = [i for i, c in enumerate(columns) if c["type"] == "float" and _SHARE.search(c["name"])]
    found: list[tuple[int, str]] = []
    for number, row in enumerate(rows):
        totals = [row[i] for i in counts if row[i]]
        for i in shares:
            value = row[i]
            if value is None or not totals:
                continue
            scale = 100 if any((r[i] or 0) > 1 for r in rows) else 1
            part = value / scale * max(totals)
            if 0 < round(part) < limits.threshold or 0 < round(max(totals) - part) < limits.threshold:
                found.append((number, columns[i]["name"]))
    if found:
        yield Finding(
            "unredacted_count", STOP, f"Shares stand for fewer than {limits.threshold} patients.",
            "Mask the share and its complement, or pool the groups.", tuple(found[:MAX_CELLS]),
        )  # fmt: skip


def _without_counts(item: Item, statements: Mapping[str, Mapping[str, Any]], what: str) -> Iterator[Finding]:
    known = [statements[r] for r in item.releases if r in statements]
    if not any(any(c["role"] == "value" and c["type"] == "integer" for c in s["columns"]) for s in known):
        yield Finding(
            "missing_data", STOP, f"Nothing says how many patients are behind the {what}.",
            "Add a column of (rounded) counts, or name a release that has them.",
        )  # fmt: skip


def _cells(
    columns: list[dict[str, Any]], rows: list[list[Any]], at: list[int], bad: Callable[[Any], bool]
) -> tuple[tuple[int, str], ...]:
    found = [(n, columns[i]["name"]) for n, row in enumerate(rows) for i in at if row[i] is not None and bad(row[i])]
    return tuple(found[:MAX_CELLS])


def _is_count(column: Mapping[str, Any]) -> bool:
    """Declared as a count, or (undeclared) a whole number or number named like one."""
    if "counts" in column:
        return bool(column["counts"])
    return column["type"] in ("integer", "float") and bool(_COUNT.search(column["name"]))


def _noise_aware(item: Item, limits: Limits, statements: Mapping[str, Mapping[str, Any]]) -> Limits | None:
    """None where everything behind an item is differentially private: its counts are noise, not people."""
    known = [statements.get(r) for r in item.releases]
    return None if known and all(s is not None and s["route"] == "dp" for s in known) else limits


_MISSING_RELEASE = Finding(
    "missing_data", STOP, "It names a release that this project was not given.", "Choose releases of this project."
)
_CONTEXT_HINT = {
    "context": "Say what the items show, of which patients, which variables they use and why they are needed.",
    "controls": "Say how small counts were masked and rounded, and what was done about earlier outputs.",
}
_BY_KIND = {
    "release": _of_release, "table": _of_table, "figure": _of_figure,
    "model": _of_model, "text": _of_text, "code": _of_code,
}  # fmt: skip
