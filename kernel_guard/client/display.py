"""How things look: plain text and HTML made of a few harmless tags.

- Only table, tr, td, th, div, b, em, details, summary, and pandas's own table class: the guard's sanitiser
  removes the rest.
- Every text is escaped here; no style, no script, no link.
- A schema card shows declarations only. Nothing on it is computed from data.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from fractions import Fraction

from kernel_guard.plan import schema
from kernel_guard.plan.privacy import Budget

MAX_CATEGORIES = 6


def escape(value: object) -> str:
    return html.escape(str(value), quote=True)


def html_table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table; every cell is escaped."""
    top = "<tr>" + "".join(f"<th>{escape(h)}</th>" for h in head) + "</tr>"
    body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f'<table class="dataframe">{top}{body}</table>'


def text_table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """The same in plain text, columns aligned."""
    cells = [[str(c) for c in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells)


def box(title: str, *parts: str, note: str = "") -> str:
    """A titled block of HTML parts (already escaped)."""
    foot = f"<div><em>{escape(note)}</em></div>" if note else ""
    return f"<div><div><b>{escape(title)}</b></div>{''.join(parts)}{foot}</div>"


def line(text: str) -> str:
    return f"<div>{escape(text)}</div>"


def amount(value: Fraction | str | int | float) -> str:
    """A privacy amount as people write it: 0.5, not 1/2; exact where short, else four digits."""
    number = Fraction(value)
    shown = f"{float(number):.4g}"
    return shown if Fraction(shown) == number else f"≈{shown}"


def cost(paid: Budget) -> str:
    """Such as: ε 0.5, or ρ 0.05 (ε 1.7, δ 1e-07)."""
    implied = f"ε {amount(paid.epsilon)}" + (f", δ {amount(paid.delta)}" if paid.delta else "")
    return implied if paid.rho is None else f"ρ {amount(paid.rho)} ({implied})"


def figure(value: object, error: object = None) -> str:
    """A number with as many digits as its error carries."""
    if value is None or value != value:
        return "—"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    spread = f" ± {_digits(float(error))}" if isinstance(error, (int, float)) and error == error and error > 0 else ""
    return (f"{value:,}" if isinstance(value, int) or float(value).is_integer() and abs(value) < 1e15
            else _digits(value)) .removesuffix(".0") + spread  # fmt: skip


def _digits(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


# --- the schema card

_HEAD = ("column", "type", "meaning", "values", "missing", "note")


def column_row(column: schema.Column, patient_key: str | None) -> tuple[str, ...]:
    """One line of a schema card."""
    kind = f"{column.type}, {column.unit}" if column.unit else str(column.type)
    return (column.name, kind, column.description, _values(column), _missing(column), _note(column, patient_key))


def _values(column: schema.Column) -> str:
    if column.blocked:
        return ""
    if column.categories is not None:
        shown = [f"{c.value} {c.label}".strip() for c in column.categories[:MAX_CATEGORIES]]
        more = len(column.categories) - len(shown)
        return ", ".join(shown) + (f", … {more} more" if more > 0 else "")
    if column.bounded:
        step = f", step {column.step:g}" if column.step is not None and column.step != 1 else ""
        return f"{column.lower} to {column.upper}{step}"
    return "no bounds declared" if column.type.numeric else ""


def _missing(column: schema.Column) -> str:
    codes = ", ".join(map(str, column.missing_codes))
    if codes:
        return f"codes {codes}" + (", or empty" if column.nullable else "")
    return "may be empty" if column.nullable else ""


def _note(column: schema.Column, patient_key: str | None) -> str:
    if column.name == patient_key:
        return "patient key"
    if column.blocked:
        return f"blocked: {column.blocked_reason or 'the data steward closed it'}"
    return ""


def card_text(title: str, lines: Sequence[str], columns: Sequence[schema.Column], key: str | None) -> str:
    """A schema card in plain text."""
    body = text_table(_HEAD, (column_row(c, key) for c in columns))
    return "\n".join((title, *(f"  {text}" for text in lines if text), body))


def card_html(title: str, lines: Sequence[str], columns: Sequence[schema.Column], key: str | None) -> str:
    """A schema card in HTML; blocked columns fold away below."""
    usable = [column_row(c, key) for c in columns if not c.blocked]
    blocked = [(c.name, c.type, c.description, _note(c, key).removeprefix("blocked: ")) for c in columns if c.blocked]
    parts = [line(text) for text in lines if text] + [html_table(_HEAD, usable)]
    if blocked:
        table = html_table(("column", "type", "meaning", "reason"), blocked)
        parts.append(f"<details><summary>{len(blocked)} blocked columns</summary>{table}</details>")
    return box(title, *parts, note="From the declared schema; nothing here is computed from data.")
