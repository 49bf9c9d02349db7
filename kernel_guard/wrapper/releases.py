"""Releases that this kernel received, and how one is shown.

- An id enters here only from the relay, when a vault's answer passed it: a kernel cannot claim a release.
- What is shown is the vault's statement, fetched by the wrapper, with fallbacks in text and HTML that are made here:
  a kernel's own fallback beside a true badge could say other numbers.
- Thread-safe: the relay writes, the proxy reads.
"""

from __future__ import annotations

import html
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from kernel_guard.wrapper.content.mime import OWN_PREFIX
from kernel_guard.wrapper.content.text import clean

RELEASE = OWN_PREFIX + "release+json"
MAX_RELEASES = 5_000
_MAX_SHOWN_ROWS = 200
# A vault that is down must not hold every display for the length of a time-out.
_RETRY_SECONDS = 5.0
Document = dict[str, Any]


class Releases:
    """Ids in the order in which they arrived, each with its statement where it is known.

    `fetch` asks the vault for {"statement", "envelope"}; None when it does not answer.
    """

    def __init__(self, fetch: Callable[[str], Document | None]) -> None:
        self._fetch = fetch
        self._known: OrderedDict[str, Document | None] = OrderedDict()
        self._failed: dict[str, float] = {}
        self._lock = threading.Lock()

    def remember(self, release_id: str, document: Document | None = None) -> None:
        """A release passed the relay on its way to the kernel."""
        with self._lock:
            known = self._known.get(release_id)
            self._known[release_id] = document if is_document(document, release_id) else known
            while len(self._known) > MAX_RELEASES:
                self._known.popitem(last=False)

    def held(self) -> list[str]:
        """Ids of every release that an output made now can depend on."""
        with self._lock:
            return list(self._known)

    def load(self, release_id: str) -> Document | None:
        """The statement of a remembered release, from memory or from the vault."""
        with self._lock:
            known = self._known.get(release_id)
            recently_failed = time.monotonic() - self._failed.get(release_id, -_RETRY_SECONDS) < _RETRY_SECONDS
        if known is not None or recently_failed:
            return known
        document = self._fetch(release_id)
        if not is_document(document, release_id):
            with self._lock:
                self._failed[release_id] = time.monotonic()
            return None
        self.remember(release_id, document)
        return document

    def bundle(self, release_id: str) -> Document | str:
        """What shows the release, or the reason why nothing can."""
        with self._lock:
            if release_id not in self._known:
                return "unknown_release"
        document = self.load(release_id)
        return "release_unavailable" if document is None else show(document)


def is_document(document: Any, release_id: str) -> bool:
    """A statement of that very release, with rows as wide as its columns, and an envelope."""
    if not isinstance(document, dict) or not isinstance(document.get("envelope"), dict):
        return False
    statement = document.get("statement")
    if not isinstance(statement, dict) or statement.get("id") != release_id:
        return False
    columns, rows = statement.get("columns"), statement.get("rows")
    if not isinstance(columns, list) or not isinstance(rows, list):
        return False
    named = all(isinstance(column, dict) and isinstance(column.get("name"), str) for column in columns)
    return named and all(isinstance(row, list) and len(row) == len(columns) for row in rows)


def show(document: Document) -> Document:
    """The MIME bundle of a release: the statement for the badge, text and HTML for everything else."""
    statement, envelope = document["statement"], document["envelope"]
    names = [column["name"] for column in statement["columns"]]
    rows = [[_cell(value) for value in row] for row in statement["rows"][:_MAX_SHOWN_ROWS]]
    caption = _caption(statement)
    return {
        RELEASE: {"statement": statement, "envelope": envelope},
        "text/plain": _as_text(names, rows, caption),
        "text/html": _as_html(names, rows, caption),
    }


def _caption(statement: Document) -> str:
    kind = "synthetic data, " if statement.get("synthetic") else ""
    more = len(statement["rows"]) - _MAX_SHOWN_ROWS
    tail = f" ({more} more rows)" if more > 0 else ""
    name, words = clean(str(statement.get("id"))), clean(str(statement.get("words", "")))
    return f"Released by the vault ({kind}{name}){tail}: {words}"


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    return f"{value:.6g}" if isinstance(value, float) else clean(str(value))


def _as_text(names: list[str], rows: list[list[str]], caption: str) -> str:
    table = [[clean(name) for name in names], *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(names))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in table]
    return "\n".join([*lines, caption])


def _as_html(names: list[str], rows: list[list[str]], caption: str) -> str:
    head = "".join(f"<th>{html.escape(clean(name))}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<table class="dataframe"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
