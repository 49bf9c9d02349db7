"""Protected code: what a researcher asks the vault to run beside the rows.

- Code is text here; nothing outside the vault's sandbox ever runs it on rows.
- What may come back is declared before: names, bounds and number of the outputs, time and price.
- The names of objects for a checker are the literal first arguments of `release("…", …)` in the code: the data can
  neither choose a name, nor their number, nor their order.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal as OneOf
from typing import TypeGuard

from kernel_guard.errors import PlanError
from kernel_guard.plan.schema import Column, Study, Table

MAX_CODE = 64_000
MAX_TABLES = 16
MAX_OUTPUTS = 16
MAX_RELEASES = 32
MAX_SECONDS = 600
MAX_BLOCK_SECONDS = 60
BLOCKS = (8, 512)
# A private run takes its whole planned time, and callers wait for it.
MAX_PRIVATE_SECONDS = 1800
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}\Z")
Combine = OneOf["mean", "median"]


@dataclass(frozen=True)
class TableUse:
    """A table that the code reads; `columns` None means every column that is open."""

    table: str
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Output:
    """One number that each block of patients answers with; outside the bounds it is clamped."""

    name: str
    lower: float
    upper: float
    default: float

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise PlanError(f"An output's name may hold letters, digits and _: {self.name[:60]!r}.")
        if not (math.isfinite(self.lower) and math.isfinite(self.upper) and self.lower < self.upper):
            raise PlanError(
                f"The bounds of {self.name!r} must be two finite numbers in order.",
                hint="Write bounds=0:10, or bounds=auc:0.5:1.",
            )
        if not math.isfinite(self.upper - self.lower) or not self.lower <= self.default <= self.upper:
            raise PlanError(f"The default of {self.name!r} must lie within its bounds.")


@dataclass(frozen=True)
class SampleAndAggregate:
    """The code runs on `blocks` disjoint blocks of patients; their answers are combined with noise.

    `seconds` is the time that each block gets, and takes.
    """

    epsilon: Fraction
    blocks: int
    outputs: tuple[Output, ...]
    combine: Combine = "mean"
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.epsilon <= 0:
            raise PlanError("ε must be above 0.", hint="Write epsilon=1.")
        if not BLOCKS[0] <= self.blocks <= BLOCKS[1]:
            raise PlanError(f"The number of blocks must lie between {BLOCKS[0]} and {BLOCKS[1]}.", hint="blocks=64")
        names = [output.name for output in self.outputs]
        if not 1 <= len(names) <= MAX_OUTPUTS or len(set(names)) != len(names):
            raise PlanError(f"Declare 1 to {MAX_OUTPUTS} outputs with names of their own.", hint="bounds=0:10")
        if not 0.1 <= self.seconds <= MAX_BLOCK_SECONDS:
            raise PlanError(f"A block may take 0.1 to {MAX_BLOCK_SECONDS} seconds.", hint="seconds=2")
        if self.seconds * self.blocks > MAX_PRIVATE_SECONDS:
            raise PlanError(
                f"All blocks together may take {MAX_PRIVATE_SECONDS} seconds.", hint="Fewer blocks, or fewer seconds."
            )


@dataclass(frozen=True)
class ProtectedAsk:
    """Code beside the rows of one study. `private` None: what the code releases waits for a checker.

    `seconds` is how long a run for a checker takes, whatever the code does.
    """

    study: str
    tables: tuple[TableUse, ...]
    code: str
    private: SampleAndAggregate | None = None
    seconds: int = 30

    def __post_init__(self) -> None:
        if not 1 <= len(self.tables) <= MAX_TABLES or len({use.table for use in self.tables}) != len(self.tables):
            raise PlanError(f"Name 1 to {MAX_TABLES} different tables.", hint="%%protected study.person")
        if not 1 <= self.seconds <= MAX_SECONDS:
            raise PlanError(f"A run may take 1 to {MAX_SECONDS} seconds.", hint="seconds=30")
        if self.private is None and not releases_of(self.code):
            raise PlanError(
                "This code releases nothing, so nothing could come of it.",
                hint='Hand objects over with release("name", obj), or ask for a private answer: --private epsilon=1.',
            )


def releases_of(code: str) -> tuple[str, ...]:
    """The names that code can release, in order; raises `PlanError` for code that is not Python, or names it hides."""
    names: list[str] = []
    for call in sorted(filter(_is_release, ast.walk(parse(code))), key=lambda c: (c.lineno, c.col_offset)):
        first = call.args[0] if call.args else None
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str) and NAME.match(first.value)):
            raise PlanError(
                f'Line {call.lineno}: the first argument of release must be a name in quotes, such as "ages".',
                hint="A name that the code makes up while it runs could carry data.",
            )
        names.append(first.value)
    found = tuple(dict.fromkeys(names))
    if len(found) > MAX_RELEASES:
        raise PlanError(f"Code may release at most {MAX_RELEASES} objects.")
    return found


def _is_release(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "release"


def parse(code: str) -> ast.Module:
    """The code as a syntax tree, or a `PlanError` with the line that is wrong."""
    if not code.strip() or len(code) > MAX_CODE:
        raise PlanError(f"Protected code must be 1 to {MAX_CODE:,} characters.")
    try:
        return ast.parse(code)
    except SyntaxError as error:
        raise PlanError(f"Line {error.lineno}: {error.msg}.", hint="Mend it and run the cell again.") from None
    except (ValueError, RecursionError, MemoryError):
        raise PlanError("The code cannot be read as Python.") from None


def open_columns(table: Table, use: TableUse) -> tuple[Column, ...]:
    """The columns that the code gets: what it names, or every open one; the patient key always, as a stand-in."""
    usable = [c for c in table.columns if not c.blocked and c.name != table.patient_key]
    if use.columns is None:
        return tuple(usable)
    for name in use.columns:
        column = table.column(name)
        if column.blocked:
            raise PlanError(f"Column {table.name}.{name} is blocked: {column.blocked_reason}.", hint="Leave it out.")
    return tuple(c for c in usable if c.name in use.columns)


def check_protected(ask: ProtectedAsk, study: Study) -> tuple[tuple[Table, tuple[Column, ...]], ...]:
    """The tables and columns that the code gets; raises `PlanError` or `UnknownColumn` before anything runs."""
    parse(ask.code)
    return tuple((table, open_columns(table, use)) for use in ask.tables for table in [study.table(use.table)])


def protected_in_words(ask: ProtectedAsk) -> str:
    """The question as one English sentence, for a reader of the release."""
    where = ", ".join(use.table for use in ask.tables)
    if ask.private is None:
        return f"Protected code on {where}: {', '.join(releases_of(ask.code))}."
    names, private = ", ".join(output.name for output in ask.private.outputs), ask.private
    return f"{private.combine.capitalize()} of {names} by protected code over {private.blocks} blocks of {where}."
