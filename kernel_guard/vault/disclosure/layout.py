"""The cells of an exact table: the public combinations, then their totals, and which is the sum of which.

- Inner cells come first, in the order of `PartialRequest.cells`; totals after them. In a total, None stands for a key.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

from kernel_guard.plan.aggregates import Aggregate
from kernel_guard.plan.expressions import Value
from kernel_guard.vault.disclosure.suppression.table import Equation

Label = tuple[Value | None, ...]


@dataclass(frozen=True)
class Layout:
    """`values`: the public values of each key; `totals`: whether totals are part of the table."""

    values: tuple[tuple[Value, ...], ...]
    totals: bool

    @classmethod
    def of(cls, plan: Aggregate) -> Layout:
        return cls(tuple(key.values for key in plan.by), plan.totals and bool(plan.by))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(v) for v in self.values)

    @property
    def inner(self) -> int:
        return math.prod(self.shape)

    @cached_property
    def cells(self) -> tuple[Label, ...]:
        """All labels."""
        inner: list[Label] = list(itertools.product(*self.values))
        if not self.totals:
            return tuple(inner)
        every = itertools.product(*((*values, None) for values in self.values))
        return (*inner, *(label for label in every if None in label))

    @cached_property
    def index(self) -> dict[Label, int]:
        return {label: i for i, label in enumerate(self.cells)}

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """Every total along every key."""
        found = []
        for label in self.cells[self.inner :]:
            for axis, value in enumerate(label):
                if value is None:
                    parts = [(*label[:axis], v, *label[axis + 1 :]) for v in self.values[axis]]
                    found.append((self.index[label], tuple(self.index[p] for p in parts)))
        return tuple(found)

    def subsets(self) -> list[tuple[int, ...]]:
        """Which keys are kept, for the table itself and for each kind of total."""
        axes = range(len(self.values))
        sizes = range(len(self.values), -1 if self.totals else len(self.values) - 1, -1)
        return [kept for size in sizes for kept in itertools.combinations(axes, size)]

    def place(self, kept: tuple[int, ...], cell: tuple[Value, ...]) -> int:
        """The index of a cell of a subset of keys."""
        label: list[Value | None] = [None] * len(self.values)
        for axis, value in zip(kept, cell, strict=True):
            label[axis] = value
        return self.index[tuple(label)]
