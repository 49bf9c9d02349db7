"""An approved item as plain files: CSV, Parquet, PNG, HTML, a notebook. All made here, from numbers and text.

- A masked cell is an empty cell, whichever rule masked it: a status column would tell which cells were masked for their
  own sake and which to protect another, so none leaves.
- Text is escaped; a cell that a spreadsheet would run as a formula is written so that it does not.
- The same item gives the same bytes: no clock, no host and no library version is written into them.
"""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Mapping
from typing import Any

from kernel_guard.review.content import Item
from kernel_guard.vault.release import figures

Files = dict[str, bytes]
_ARROW = {"integer": "int64", "float": "float64", "boolean": "bool_", "string": "string"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def of(item: Item, stem: str, statement: Mapping[str, Any] | None) -> Files:
    """File name → bytes of one item."""
    content = dict(item.content)
    if item.kind == "release":
        assert statement is not None
        columns, rows = without_status(statement)
        return _table(stem, str(statement.get("words", item.name)), columns, rows)
    if item.kind == "table":
        return _table(stem, item.name, content["columns"], content["rows"])
    if item.kind == "figure":
        return {f"{stem}.png": figures.draw(content), f"{stem}.csv": _csv(content["columns"], content["rows"])}
    if item.kind == "model":
        return _model(stem, content)
    if item.kind == "text":
        return {f"{stem}.html": _page(item.name, f"<pre>{html.escape(content['text'])}</pre>")}
    return {f"{stem}.ipynb": _notebook(content)}


def without_status(statement: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """A release's columns and rows without those that say why a cell is empty."""
    kept = [i for i, c in enumerate(statement["columns"]) if c["role"] != "status"]
    columns = [{"name": statement["columns"][i]["name"], "type": statement["columns"][i]["type"]} for i in kept]
    return columns, [[row[i] for i in kept] for row in statement["rows"]]


def _table(stem: str, title: str, columns: list[dict[str, Any]], rows: list[list[Any]]) -> Files:
    head = "".join(f"<th>{html.escape(c['name'])}</th>" for c in columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(_shown(v))}</td>" for v in row) + "</tr>\n" for row in rows)
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
    return {
        f"{stem}.csv": _csv(columns, rows),
        f"{stem}.parquet": _parquet(columns, rows),
        f"{stem}.html": _page(title, table),
    }


def _model(stem: str, content: Mapping[str, Any]) -> Files:
    names = ("name", "estimate", "error", "low", "high", "p")
    columns = [{"name": n, "type": "string" if n == "name" else "float"} for n in names]
    rows = [[term.get(n) for n in names] for term in content["terms"]]
    facts = {k: content[k] for k in ("model", "formula", "observations", "parameters", "statistics") if k in content}
    document = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return {f"{stem}.csv": _csv(columns, rows), f"{stem}.json": document}


def _csv(columns: list[dict[str, Any]], rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_safe(c["name"]) for c in columns])
    writer.writerows([_safe(v) if isinstance(v, str) else _shown(v) for v in row] for row in rows)
    return text.getvalue().encode()


def _parquet(columns: list[dict[str, Any]], rows: list[list[Any]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [pa.field(c["name"], getattr(pa, _ARROW[c["type"]])()) for c in columns]
    arrays = [pa.array([row[i] for row in rows], type=f.type) for i, f in enumerate(fields)]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), sink, store_schema=False)
    return sink.getvalue()


def _notebook(content: Mapping[str, Any]) -> bytes:
    """The code, without outputs, counts or history."""
    cells = [
        {"cell_type": "code", "id": f"cell-{n}", "metadata": {}, "execution_count": None, "outputs": [],
         "source": cell["source"]}
        for n, cell in enumerate(content["cells"])
    ]  # fmt: skip
    document = {
        "cells": cells,
        "metadata": {"language_info": {"name": content["language"]}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _page(title: str, body: str) -> bytes:
    name = html.escape(title)
    head = f'<meta charset="utf-8"><title>{name}</title>'
    return f"<!doctype html>\n<html><head>{head}</head>\n<body><h1>{name}</h1>\n{body}\n</body></html>\n".encode()


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _safe(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
