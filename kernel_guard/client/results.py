"""Released results: pandas objects that know their error, their cost and their release.

- Only the object as it was released carries the reference that the guard turns into a badge. Whatever pandas makes
  of it, also in place, is an ordinary table: altered numbers never wear the badge.
- The badge itself is not given here: the guard outside looks the release up and shows the vault's own numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import pandas as pd

from kernel_guard.client import display
from kernel_guard.client.derived import ALL
from kernel_guard.client.masked import GuardedArray, GuardedDtype, Masked
from kernel_guard.client.plots import ReleasedPlot
from kernel_guard.client.repairs import Repair
from kernel_guard.plan.privacy import Budget
from kernel_guard.wire.released import ReleasedTable

REFERENCE = "application/vnd.kernel-guard.release-ref+json"
_MASKED = "masked"
Labels = Mapping[str, Mapping[Any, str]]


@dataclass(frozen=True)
class Record:
    """A release as it came, and how it is laid out as a pandas object."""

    released: ReleasedTable
    labels: Labels
    wide: int = 0  # so many of the last keys go across
    ways_out: Callable[[], tuple[Repair, ...]] = tuple

    @property
    def statement(self) -> dict[str, Any]:
        return self.released.statement

    @cached_property
    def flat(self) -> pd.DataFrame:
        """One row per group, with all columns of the statement."""
        flat: pd.DataFrame = self.released.table.to_pandas()
        for key in self.named("key"):
            found = self.released.table.column(key).to_pylist()
            if None in found:
                flat[key] = pd.Series([ALL if v is None else v for v in found], dtype=object)
        return flat

    def values(self, name: str) -> pd.Series[Any]:
        """A value column; where a cell is masked it holds the reason."""
        column = self.flat[name]
        if not column.isna().any() or name not in self.of("status"):
            return column
        raw = self.released.table.column(name).to_pylist()
        return pd.Series(GuardedArray.of(raw, self.flat[self.of("status")[name]].tolist()), name=name)

    def named(self, role: str) -> list[str]:
        return [c["name"] for c in self.statement["columns"] if c["role"] == role]

    def of(self, role: str) -> dict[str, str]:
        """Value column → its column of this role."""
        return {c["of"]: c["name"] for c in self.statement["columns"] if c["role"] == role}

    def layout(self, role: str) -> pd.DataFrame | pd.Series[Any]:
        """The values, errors or statuses, arranged as the question was."""
        keys, values = self.named("key"), self.named("value")
        source = {v: v for v in values} if role == "value" else self.of(role)
        empty = pd.Series([None if role == "status" else float("nan")] * len(self.flat), dtype=object)
        pick = self.values if role == "value" else self.flat.__getitem__
        table = pd.DataFrame({v: pick(source[v]) if v in source else empty for v in values})
        if role == "error":
            table = table.astype(float)
        if not keys:
            row = table.iloc[0].rename("released")
            return row.astype(GuardedDtype()) if any(isinstance(v, Masked) for v in row) else row
        table.index = _index(self.flat, keys)
        if 0 < self.wide < len(keys):
            made: Any = table.unstack(list(range(-self.wide, 0)), sort=False)
            laid_out: pd.DataFrame = made.droplevel(0, axis=1) if len(values) == 1 else made
            return laid_out
        return table if len(values) > 1 else table[values[0]]


class _Released:
    """What a released frame and a released series share; `_kg` is the record."""

    _kg: Record

    @property
    def release_id(self) -> str:
        """The vault's name for this release."""
        return str(self._kg.statement["id"])

    @property
    def statement(self) -> dict[str, Any]:
        """What the vault signed."""
        return self._kg.statement

    @property
    def envelope(self) -> dict[str, Any]:
        """The signature around the statement (DSSE)."""
        return self._kg.released.envelope

    @property
    def cost(self) -> Budget:
        """What this release cost."""
        return Budget.read(self._kg.statement.get("cost") or {})

    @property
    def error(self) -> Any:
        """Half the width of the confidence interval, in the same form; missing where it is not stated."""
        return self._kg.layout("error")

    @property
    def status(self) -> Any:
        """Why a cell is masked, in the same form."""
        return self._kg.layout("status")

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """Up to three questions that would be answered without these masks: `released.repairs[0].apply()`.

        The vault tries each before it names it, which takes about as long as asking it.
        """
        return self._kg.ways_out()

    def interval(self) -> pd.DataFrame:
        """Lower and upper ends at the confidence that the statement names."""
        flat, errors = self._kg.flat, self._kg.of("error")
        keys, values = self._kg.named("key"), self._kg.named("value")
        ends: dict[Any, Any] = {}
        for value in values:
            spread = flat[errors[value]].astype(float) if value in errors else float("nan")
            low, high = flat[value].astype(float) - spread, flat[value].astype(float) + spread
            ends |= {(value, "lower"): low, (value, "upper"): high}
        table = pd.DataFrame(ends)
        if not keys:
            return pd.DataFrame(table.iloc[0].unstack(sort=False))
        table.index = _index(flat, keys)
        return table if len(values) > 1 else pd.DataFrame(table[values[0]])

    def labelled(self) -> Any:
        """An ordinary pandas copy whose index shows meanings instead of codes."""
        table = self._kg.layout("value")
        for axis in ("index", "columns"):
            index = getattr(table, axis, None)
            if index is not None and set(index.names) & set(self._kg.labels):
                setattr(table, axis, _relabel(index, self._kg.labels))
        return table

    def _unaltered(self) -> bool:
        """Whether this object still says exactly what was released."""
        kept: Any = self.plain()
        first: Any = self._kg.layout("value")
        return bool(kept.shape == first.shape and kept.equals(first))

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        """Head and rows for people: labels beside codes, values with their errors, masked cells named."""
        record = self._kg
        keys, values = record.named("key"), record.named("value")
        errors, statuses = record.of("error"), record.of("status")
        rows = []
        for row in record.flat.to_dict("records"):
            cells = [f"{row[k]} {record.labels.get(k, {}).get(row[k], '')}".strip() for k in keys]
            for v in values:
                status = row.get(statuses.get(v, ""))
                masked = row[v] is None or row[v] != row[v]
                cells.append(str(status or _MASKED) if masked else display.figure(row[v], row.get(errors.get(v, ""))))
            rows.append(cells)
        return keys + values, rows

    def _footer(self) -> str:
        s = self._kg.statement
        cost = display.cost(self.cost) if s["route"] == "dp" else "exact, disclosure-checked"
        spread = f" · ± at {s['confidence']:.0%}" if s.get("confidence") else ""
        data = " · SYNTHETIC DATA" if s.get("synthetic") else ""
        part = f"table {s['table']!r} of " if "table" in s else ""
        return f"{s['words']} · {cost}{spread} · {part}release {self.release_id}{data}"

    def __repr__(self) -> str:
        if not self._unaltered():
            return self._plain_repr()
        return f"{display.text_table(*self._cells())}\n{self._footer()}"

    def _plain_repr(self) -> str:
        return f"{self.plain()!r}\nchanged since release {self.release_id}: no longer a released result"

    def plain(self) -> Any:
        """An ordinary pandas copy of the numbers as they are now."""
        kind = pd.DataFrame if isinstance(self, pd.DataFrame) else pd.Series
        return kind(self, copy=True)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        if not self._unaltered():
            text = display.html_table(*_as_cells(self.plain()))
            note = f"Changed since release {self.release_id}: no longer a released result."
            return {"text/plain": self._plain_repr(), "text/html": display.box("Table", text, note=note)}
        table = display.html_table(*self._cells())
        shown = {"text/plain": repr(self), "text/html": display.box("Result", table, note=self._footer())}
        if "table" in self.statement:  # a part: the badge vouches for the whole
            return shown
        return {REFERENCE: {"id": self.release_id}, **shown}


def _internal(base: type) -> dict[str, Any]:
    """Class members that let a pandas subclass hold `_kg` without taking it for a column."""
    names = [*getattr(base, "_internal_names", []), "_kg"]
    return {"names": names, "set": set(names)}


class ReleasedFrame(_Released, pd.DataFrame):
    """A released table; every pandas operation gives an ordinary `DataFrame`."""

    _internal_names = _internal(pd.DataFrame)["names"]
    _internal_names_set = _internal(pd.DataFrame)["set"]
    plot = property(ReleasedPlot)

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame


class ReleasedSeries(_Released, pd.Series):
    """A released column of numbers; every pandas operation gives an ordinary `Series`."""

    _internal_names = _internal(pd.Series)["names"]
    _internal_names_set = _internal(pd.Series)["set"]
    plot = property(ReleasedPlot)

    @property
    def _constructor(self) -> type[pd.Series[Any]]:
        return pd.Series

    @property
    def _constructor_expanddim(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    @property
    def value(self) -> Any:
        """The one number of a result that has one; None where it is masked."""
        if len(self) != 1:
            raise ValueError(f"This result has {len(self)} numbers; pick one with .loc[…].")
        found = self.iloc[0]
        return None if isinstance(found, Masked) or found != found else found

    def __float__(self) -> float:  # type: ignore[override]
        return float(self.value)


def from_release(
    released: ReleasedTable, labels: Labels, *, wide: int = 0, ways_out: Callable[[], tuple[Repair, ...]] = tuple
) -> ReleasedFrame | ReleasedSeries:
    """The pandas object for a release."""
    record = Record(released, labels, wide, ways_out)
    table = record.layout("value")
    kind = ReleasedFrame if isinstance(table, pd.DataFrame) else ReleasedSeries
    result: Any = kind(table)
    object.__setattr__(result, "_kg", record)
    return cast("ReleasedFrame | ReleasedSeries", result)


def _index(flat: pd.DataFrame, keys: list[str]) -> pd.Index[Any]:
    return pd.Index(flat[keys[0]]) if len(keys) == 1 else pd.MultiIndex.from_frame(flat[keys])


def _relabel(index: Any, labels: Labels) -> Any:
    if isinstance(index, pd.MultiIndex):
        frame = index.to_frame(index=False)
        for name in frame.columns:
            frame[name] = [labels.get(name, {}).get(v, v) for v in frame[name]]
        return pd.MultiIndex.from_frame(frame)
    return pd.Index([labels.get(index.name, {}).get(v, v) for v in index], name=index.name)


def _as_cells(table: Any) -> tuple[list[object], list[list[object]]]:
    flat = table.to_frame() if isinstance(table, pd.Series) else table
    flat = flat.head(60)
    return ["", *flat.columns], [
        [index, *map(display.figure, row)] for index, row in zip(flat.index, flat.to_numpy().tolist(), strict=True)
    ]
