"""The tables of one composed release: the whole as it was signed, and each table of it as a pandas object.

- A table is cut out of the signed rows by the statement's own index; nothing is computed.
- The whole carries the reference that the guard turns into a badge. A part does not: what the badge vouches for is the
  whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from kernel_guard.client import display
from kernel_guard.client.query import Query
from kernel_guard.client.repairs import Repair
from kernel_guard.client.results import REFERENCE, ReleasedFrame, ReleasedSeries, from_release
from kernel_guard.plan.privacy import Budget
from kernel_guard.plan.schema import suggest
from kernel_guard.wire.released import ReleasedTable, table_of


class ReleasedTables(Mapping[str, "ReleasedFrame | ReleasedSeries"]):
    """Tables by name, `released["ages"]` or `released.ages`, of one release."""

    def __init__(
        self,
        released: ReleasedTable,
        questions: Mapping[str, Query],
        ways_out: Callable[[], tuple[Repair, ...]] = tuple,
    ) -> None:
        self._released = released
        self._questions = questions
        self._ways_out = ways_out

    @property
    def release_id(self) -> str:
        """The vault's name for this release."""
        return str(self.statement["id"])

    @property
    def statement(self) -> dict[str, Any]:
        """What the vault signed."""
        return self._released.statement

    @property
    def envelope(self) -> dict[str, Any]:
        """The signature around the statement (DSSE)."""
        return self._released.envelope

    @property
    def cost(self) -> Budget:
        """What all tables cost together."""
        cost = self.statement.get("cost") or {}
        return Budget.of(cost.get("epsilon", 0), cost.get("delta", 0))

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """Up to three questions that would be answered without these masks: `released.repairs[0].apply()`."""
        return self._ways_out()

    @property
    def names(self) -> list[str]:
        """The names of the tables."""
        return [entry["name"] for entry in self.statement["tables"]]

    @cached_property
    def _tables(self) -> dict[str, ReleasedFrame | ReleasedSeries]:
        found = {}
        for number, name in enumerate(self.names):
            part, asked = table_of(self._released, number), self._questions.get(name)
            labels, wide = (asked.labels, asked._wide) if asked is not None else ({}, 0)
            found[name] = from_release(part, labels, wide=wide)
        return found

    def long(self) -> pd.DataFrame:
        """All tables below each other, as they were signed, in an ordinary pandas frame."""
        frame: pd.DataFrame = self._released.table.to_pandas()
        return frame

    def __getitem__(self, name: str) -> ReleasedFrame | ReleasedSeries:
        if name not in self._tables:
            raise KeyError(f"There is no table {name!r}. {suggest(name, self.names)}")
        return self._tables[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._tables:
            return self._tables[name]
        raise AttributeError(f"There is no table {name!r}. {suggest(name, self.names)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.names]

    def __repr__(self) -> str:
        return "\n\n".join(f"{name}\n{self[name]!r}" for name in self.names)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        parts = [display.html_table(*self[name]._cells()) for name in self.names]
        titled = [display.box(name, part) for name, part in zip(self.names, parts, strict=True)]
        return {
            REFERENCE: {"id": self.release_id},
            "text/plain": repr(self),
            "text/html": display.box("Results", *titled, note=f"release {self.release_id}"),
        }
