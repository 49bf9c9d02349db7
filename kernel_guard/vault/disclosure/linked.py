"""Tables of one question that share totals: what one masks, another must not give back.

- Two tables are linked where both count the same things (patients, or rows) of one population and have keys in common:
  both then have the same totals over those. A total that no table publishes is added as one that nobody is told.
- Rows without one of a table's public values are in a total and in no cell. A reader may know their number, so it is
  taken as known; in the space of moves a known number is nothing at all.
- That two tables are linked may be a mistake (two derived columns of one name): it masks more, never less, since every
  equation takes freedom from the reader's guesses.
- All linked tables together are one table of numbers that add up, and are protected as one: see `suppression`.
- Where a patient can stand in several cells numbers of patients do not add up, and there is no such total. Every exact
  combination of sets, of these and all other numbers, is looked for by `differencing` besides.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from kernel_guard.plan.aggregates import CountPatients, CountRows, Key
from kernel_guard.plan.relations import Derive, Relation
from kernel_guard.vault.disclosure.gather import ExactTable
from kernel_guard.vault.disclosure.layout import Label
from kernel_guard.vault.disclosure.masks import Masks, as_linear
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.suppression import suppress
from kernel_guard.vault.disclosure.suppression.table import Equation, Floats, Linear, Mask, counts

TOTAL_COSTS = 20.0  # what masking a total loses, beside one cell of it
Tables = Mapping[str, tuple[ExactTable, Masks]]


@dataclass(frozen=True)
class _Block:
    """The cells of one count: `cells` without totals, then the rest of `size`; `label` is "" where nobody is told."""

    label: str
    counted: tuple[Relation, type]
    keys: tuple[Key, ...]
    cells: tuple[Label, ...]
    linear: Linear
    masked: Mask
    up: Floats
    down: Floats

    @property
    def size(self) -> int:
        return len(self.masked)


def linked(tables: Tables, apart: Set[str], pack: RulePack) -> dict[str, Mask]:
    """Further masks, by the name of table and measure as `label` writes it; empty where none is needed.

    `apart`: the tables in which a patient stands in one cell at most.
    """
    told = list(_blocks(tables, apart, pack))
    blocks = [*told, *_margins(told)]
    starts = [0, *itertools.accumulate(b.size for b in blocks)]
    pairs = itertools.permutations(range(len(blocks)), 2)
    between = [e for i, j in pairs for e in _between(blocks[i], blocks[j], starts[i], starts[j], i < j)]
    if not between:
        return {}
    masked = np.concatenate([b.masked for b in blocks])
    linear = _together(blocks, [*between, *_within(blocks, starts)])
    cost = 1 + linear.values / max(1.0, float(linear.values.max())) / (2 * len(masked))
    cost[[total for total, _ in between]] *= TOTAL_COSTS
    up, down = np.concatenate([b.up for b in blocks]), np.concatenate([b.down for b in blocks])
    found = suppress(linear, masked, up, down, cost).masked
    more = {b.label: found[start : start + b.size] for b, start in zip(blocks, starts, strict=False) if b.label}
    return {b.label: more[b.label] for b in told if (more[b.label] & ~b.masked).any()}


def label(table: str, measure: str) -> str:
    """The name of a measure among those of several tables; of a question of one table, its own."""
    return f"{table}.{measure}" if table else measure


def population(relation: Relation) -> Relation:
    """Whose rows these are: what is derived beside them changes nothing."""
    while isinstance(relation, Derive):
        relation = relation.source
    return relation


def _blocks(tables: Tables, apart: Set[str], pack: RulePack) -> Iterator[_Block]:
    for name, (table, masks) in tables.items():
        for measure in table.plan.measures:
            by_patient = isinstance(measure, CountPatients) and measure.column is None and name in apart
            if not by_patient and not isinstance(measure, CountRows):
                continue
            linear, up, down = as_linear(table, measure, pack)
            failed = np.logical_or.reduce(list(masks.failed[measure.name].values()))
            yield _Block(
                label(name, measure.name), (population(table.plan.source), type(measure)), table.plan.by,
                table.layout.cells[: table.layout.inner], linear, masks.masked[measure.name],
                np.where(failed, up, 0), np.where(failed, down, 0),
            )  # fmt: skip


def _margins(told: Sequence[_Block]) -> Iterator[_Block]:
    """The totals that several tables have in common and none publishes."""
    for counted in dict.fromkeys(b.counted for b in told):
        known = {frozenset(b.keys): b for b in told if b.counted == counted}
        pending = list(known)
        while pending:
            one = pending.pop()
            for other in list(known):
                keys = one & other
                if keys not in known:
                    known[keys] = _margin(known[one], keys)
                    pending.append(keys)
        yield from (b for b in known.values() if not b.label)


def _margin(finer: _Block, keys: frozenset[Key]) -> _Block:
    """A block of totals over the other keys of a finer one."""
    kept = tuple(k for k in finer.keys if k in keys)
    cells = tuple(itertools.product(*(k.values for k in kept)))
    sums = [sum(finer.linear.values[j] for j in _inside(kept, cell, finer)) for cell in cells]
    nothing = np.zeros(len(cells))
    return _Block("", finer.counted, kept, cells, counts(sums, ()), np.ones(len(cells), bool), nothing, nothing)


def _between(coarse: _Block, fine: _Block, at: int, below: int, first: bool) -> Iterator[Equation]:
    """Each cell of `coarse` as the total of cells of `fine`; nothing where they are not linked."""
    if coarse.counted != fine.counted or not set(coarse.keys) <= set(fine.keys):
        return
    if set(coarse.keys) == set(fine.keys) and not first:
        return  # the same cells: once is enough
    for i, cell in enumerate(coarse.cells):
        yield at + i, tuple(below + j for j in _inside(coarse.keys, cell, fine))


def _inside(keys: tuple[Key, ...], cell: Label, fine: _Block) -> list[int]:
    """The cells of the finer block that lie in a cell with these keys."""
    wanted = dict(zip(keys, cell, strict=True))
    return [
        j for j, own in enumerate(fine.cells)
        if all(wanted.get(key, value) == value for key, value in zip(fine.keys, own, strict=True))
    ]  # fmt: skip


def _within(blocks: Sequence[_Block], starts: Sequence[int]) -> Iterator[Equation]:
    """The totals of each table itself."""
    for block, start in zip(blocks, starts, strict=False):
        for total, parts in block.linear.equations:
            yield start + total, tuple(start + p for p in parts)


def _together(blocks: Sequence[_Block], equations: Sequence[Equation]) -> Linear:
    """All blocks as one table."""
    values, lower, upper = (
        np.concatenate([getattr(b.linear, name) for b in blocks]) for name in ("values", "lower", "upper")
    )
    return Linear(values, lower, upper, tuple(equations))
