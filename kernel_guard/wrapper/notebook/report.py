"""What a notebook's outputs prove, for a person and as JSON.

- One line for each output, in the order of the notebook; the whole is proven only when every output is.
- The text is made from cell numbers, release ids and times; nothing that an output says appears in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.wrapper.notebook.judge import GUARD, NOT_OURS, OPEN, RELEASED, Judge, Verdict, holds_widgets

MAX_NAMED = 3
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}\Z")


@dataclass(frozen=True)
class Line:
    """One output: the cell's place among all cells (from 1), the output's place in it, and what it is."""

    cell: int
    output: int
    type: str
    verdict: Verdict


@dataclass(frozen=True)
class Report:
    """All outputs of one notebook."""

    lines: tuple[Line, ...]
    widgets: bool = False  # the state of widgets was saved along

    @property
    def ok(self) -> bool:
        """Is everything that it shows proven?"""
        return not self.widgets and all(line.verdict.kind != NOT_OURS for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "proven": self.ok,
            "widgets": self.widgets,
            "outputs": [
                {
                    "cell": line.cell,
                    "output": line.output,
                    "type": line.type,
                    "verdict": line.verdict.kind,
                    "releases": list(line.verdict.releases),
                    "time": line.verdict.time,
                    "code_unchanged": line.verdict.code_unchanged,
                }
                for line in self.lines
            ],
        }

    def __str__(self) -> str:
        if not self.lines and not self.widgets:
            return "The notebook holds no outputs, so there is nothing to prove."
        count = Counter(line.verdict.kind for line in self.lines)
        total = (
            f"{count[RELEASED]} released, {count[OPEN]} computed in the open zone, {count[GUARD]} of the guard, "
            f"{count[NOT_OURS]} not ours."
        )
        end = "Every output is proven." if self.ok else "NOT PROVEN: do not rely on outputs marked 'not ours'."
        unproven = ["the state of widgets was saved along: not ours, nothing vouches for it"] if self.widgets else []
        return "\n".join([*map(_words, self.lines), *unproven, "", total, end])


def examine(notebook: Any, keys: Mapping[str, bytes]) -> Report:
    """Judge every output of a notebook that was read from a file."""
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    return Report(tuple(_lines(cells if isinstance(cells, list) else [], Judge(keys))), holds_widgets(notebook))


def _lines(cells: list[Any], judge: Judge) -> Iterator[Line]:
    for number, cell in enumerate(cells, 1):
        for at, verdict in enumerate(judge.cell(cell), 1):
            kind = cell["outputs"][at - 1]
            name = kind.get("output_type") if isinstance(kind, dict) else None
            known = ("stream", "display_data", "execute_result", "error")
            yield Line(number, at, name if name in known else "unknown", verdict)


def _words(line: Line) -> str:
    return f"cell {line.cell}, output {line.output} ({line.type}): {_meaning(line.verdict)}"


def _meaning(verdict: Verdict) -> str:
    code = "" if verdict.code_unchanged else "; the cell's code was changed after it ran"
    match verdict.kind:
        case "released":
            return f"released by the vault and untouched since, shown {_safe(verdict.time)}{code}"
        case "open":
            return f"computed in the open zone from {_from(verdict.releases)}, shown {_safe(verdict.time)}{code}"
        case "guard":
            return "a notice of the guard itself"
        case _:
            return "not ours: unsigned, changed since, or signed by another key"


def _from(releases: tuple[str, ...]) -> str:
    """Every release that the kernel held: each may have gone into the output."""
    if not releases:
        return "no release"
    named = ", ".join(map(_safe, releases[-MAX_NAMED:]))
    more = len(releases) - MAX_NAMED
    return f"at most release{'s' if len(releases) > 1 else ''} {named}" + (f" and {more} earlier" if more > 0 else "")


def _safe(text: str) -> str:
    return text if _SAFE.match(text) else "?"
