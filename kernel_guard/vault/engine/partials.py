"""A request as Ibis queries, and their answers as `Partials`.

- How patients are held to their contribution is said, with its proof, at `Bounding`. Nobody's rows need to be chosen,
  so the order of rows does not matter and the estimate keeps all of them.
- Where a relation has one row per patient all of that is skipped.
- Only what the route reads is computed (`PartialRequest.parts`).
- All sums are of integers, in two halves that cannot overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import ibis

from kernel_guard.plan.aggregates import CommonValues, Measure, Quantile
from kernel_guard.plan.measures import columns_of
from kernel_guard.plan.privacy import Route
from kernel_guard.vault.engine.base import Bounding, Part, PartialRequest, Partials
from kernel_guard.vault.engine.dialects import Dialect, binary, in_steps, member, sha256, whole_divide
from kernel_guard.vault.engine.expressions import clipped
from kernel_guard.vault.engine.grids import Bins
from kernel_guard.vault.engine.moments import components, degrees_of, grid_name
from kernel_guard.vault.engine.relations import HIGH, PATIENT, halves, quantised
from kernel_guard.vault.engine.weights import counts_patients, listed_patients, weighted_bins, weighted_parts

Rows = Iterable[Mapping[str, Any]]
Run = Callable[[Any], Rows]
Values = dict[tuple[str, Part], list[int]]
_KEY = "__key{}".format
_FEW = 64  # values of one key that a CASE may list; more go by a small table


class PartialQueries:
    """The queries of one request over `table` (its columns and `PATIENT`); `run` gives rows of an answer."""

    def __init__(
        self, request: PartialRequest, table: Any, run: Run, salt: bytes, dialect: Dialect, *, one_row: bool, key: str
    ) -> None:
        self._request = request
        self._dialect = dialect
        self._run = run
        self._salt = salt.hex()
        self._one_row = one_row
        self._patient_key = key
        self._table = self._keyed(table)
        self._keys = [_KEY(i) for i in range(len(request.plan.by))]
        self._index = {cell: i for i, cell in enumerate(request.cells)}
        self._values: Values = {}

    def answer(self) -> Partials:
        """Run everything."""
        measures = self._request.plan.measures
        first = measures[0]
        if isinstance(first, CommonValues):
            return Partials(self._request, {}, {}, {first.name: self._found(first)})
        self._fill([m for m in measures if not (isinstance(m, Quantile) and m.name in self._request.bins)])
        for measure in measures:
            if isinstance(measure, Quantile) and self._request.route is Route.SDC:
                self._order_statistics(measure)
        histograms = {
            m.name: self._histogram(m) for m in measures if isinstance(m, Quantile) and m.name in self._request.bins
        }
        return Partials(self._request, {k: tuple(v) for k, v in self._values.items()}, histograms)

    def _keyed(self, table: Any) -> Any:
        """Key columns under names of their own; rows outside the public cells left out."""
        by = self._request.plan.by
        keyed = table.mutate(**{_KEY(i): table[key.column] for i, key in enumerate(by)})
        return keyed.filter([member(keyed[_KEY(i)], key.values) for i, key in enumerate(by)]) if by else keyed

    def _column(self, table: Any, measure: Measure) -> Any:
        """What must not be missing for a row to count in a measure; None: any row counts."""
        names = [n for n in columns_of(measure) if n != self._patient_key]
        if len(names) < 2:
            return table[names[0]] if names else None
        both = table[names[0]].notnull() & table[names[1]].notnull()
        return ibis.ifelse(both, ibis.literal(1, "int64"), ibis.null("int64"))

    # Counts and sums

    def _fill(self, measures: list[Measure]) -> None:
        if not measures:
            return
        for measure in measures:
            for part in self._request.parts(measure):
                self._values[measure.name, part] = [0] * len(self._index)
        for together in self._queries(measures):
            for row in self._run(self._cells(together)):
                self._take(row, together)

    def _queries(self, measures: list[Measure]) -> list[list[Measure]]:
        """Measures by query: where rows are weighted, only what counts patients needs their cells first."""
        if self._request.bounding is not Bounding.NORM:
            return [measures]
        counting = [m for m in measures if counts_patients(self._request, [m])]
        others = [m for m in measures if m not in counting]
        apart = [[m] for m in counting] if self._listed else [counting]
        return [group for group in (*apart, others) if group]

    @property
    def _listed(self) -> bool:
        """Whether a patient's cells are gathered in a list, where rows are weighted."""
        return self._dialect.lists and len(self._keys) == 1

    def _cells(self, measures: list[Measure]) -> Any:
        """One row per cell that is not empty."""
        if self._request.bounding is Bounding.NORM:
            if self._listed and counts_patients(self._request, measures):
                column = self._column(self._table, measures[0])
                return listed_patients(self._request, measures[0], self._table, self._keys[0], column)
            columns = {m.name: self._column(self._table, m) for m in measures}
            steps = {m.name: self._summands(m) for m in measures}
            return weighted_parts(self._request, measures, self._table, self._keys, columns, steps)
        return (
            self._direct(measures) if self._one_row or self._request.contribution is None else self._bounded(measures)
        )

    def _take(self, row: Mapping[str, Any], measures: list[Measure]) -> None:
        index = self._cell(row)
        for m in measures:
            for part in self._request.parts(m):
                name = f"{m.name}__{part}"
                if name in row:
                    self._values[m.name, part][index] = int(row[name] or 0)
                elif part not in ("low", "high"):
                    high, low = (int(row[f"{name}__{half}"] or 0) for half in ("high", "low"))
                    self._values[m.name, part][index] = high * HIGH + low

    def _cell(self, row: Mapping[str, Any]) -> int:
        return self._index[tuple(row[k] for k in self._keys)]

    def _summands(self, measure: Measure) -> dict[Part, Any]:
        """What is summed for a measure: part → whole numbers, missing where the row does not count."""
        parts, grids = self._request.parts(measure), self._request.grids
        if self._request.route is Route.SDC and degrees_of(measure):
            return self._powers(measure)
        if "sum" in parts:
            return {"sum": quantised(self._column(self._table, measure), grids[measure.name])}
        degrees = degrees_of(measure)
        if not degrees:
            return {}
        used = [grids[grid_name(measure, i)] for i in range(len(degrees))]
        values = [quantised(self._table[c], g) for c, g in zip(columns_of(measure), used, strict=True)]
        return dict(zip(parts, components(values, [g.half for g in used], degrees), strict=True))

    def _powers(self, measure: Measure) -> dict[Part, Any]:
        """Values, squares and products on the exact grids, where no column that the measure reads is missing."""
        here, names = self._column(self._table, measure).notnull(), columns_of(measure)
        grids = [self._request.grids[grid_name(measure, i)] for i in range(len(names))]
        steps = [quantised(self._table[n], g) for n, g in zip(names, grids, strict=True)]
        x, y = (ibis.ifelse(here, s, ibis.null("int64")) for s in (steps[0], steps[-1]))
        made: dict[Part, Any] = {"sum": x, "other": y}
        parts = self._request.parts(measure)
        if "square" in parts:
            made |= {"square": x * x, "other_square": y * y, "product": x * y}
        return {part: made[part] for part in parts if part in made}

    def _direct(self, measures: list[Measure]) -> Any:
        """Aggregate rows as they are: one row per patient, or exact counts."""
        table, made = self._table, dict[str, Any]()
        for m in measures:
            column = self._column(table, m)
            here = None if column is None else column.notnull()
            rows = table.count() if here is None else here.sum()
            many = "patients" in self._request.parts(m) and not self._one_row
            made[f"{m.name}__rows"] = rows
            made[f"{m.name}__patients"] = table[PATIENT].nunique(where=here) if many else rows
            for part, value in self._summands(m).items():
                made |= halves(value, f"{m.name}__{part}")
        return self._grouped(table).aggregate(**made)

    def _bounded(self, measures: list[Measure]) -> Any:
        """First per patient and cell, bounded; then over patients."""
        assert self._request.contribution is not None
        most = self._request.contribution.rows
        table, first = self._table, dict[str, Any]()
        for m in measures:
            column = self._column(table, m)
            first[f"{m.name}__n"] = table.count() if column is None else column.count()
            for part, value in self._summands(m).items():
                # Steps and moments are limited so that a sum over all rows of a patient stays far below 2⁶³.
                first[f"{m.name}__{part}__s"] = value.sum()
        per = self._chosen(table.group_by(PATIENT, *self._keys).aggregate(**first))
        made: dict[str, Any] = {}
        for m in measures:
            n = per[f"{m.name}__n"]
            made[f"{m.name}__rows"] = ibis.least(n, most).sum()
            made[f"{m.name}__patients"] = (n > 0).sum()
            for part in self._summands(m):
                total = per[f"{m.name}__{part}__s"].cast("int64").fill_null(0)
                weighed = whole_divide(total * most, ibis.greatest(n, 1))
                made |= halves(ibis.ifelse(n <= most, total, weighed), f"{m.name}__{part}")
        return self._grouped(per).aggregate(**made)

    def _grouped(self, table: Any) -> Any:
        return table.group_by(*self._keys) if self._keys else table

    def _chosen(self, per: Any) -> Any:
        """At most `groups` cells of each patient, by salted hash: the choice knows nothing of values."""
        bounds = self._request.contribution
        if bounds is None or self._request.bounding is not Bounding.TRUNCATE:
            return per
        return self._first_by_hash(per.mutate(__place=self._place(per)), "__place").drop("__place")

    def _first_by_hash(self, per: Any, what: str) -> Any:
        """The `groups` entries of each patient with the least salted hashes of what they are."""
        assert self._request.contribution is not None
        text = ibis.literal(self._salt + ":") + per[PATIENT].cast("string") + ":" + per[what].cast("string")
        per = per.mutate(__order=binary(sha256(text)))
        ranked = per.mutate(__rank=ibis.row_number().over(group_by=PATIENT, order_by=per["__order"]))
        return ranked.filter(ranked["__rank"] < self._request.contribution.groups).drop("__order", "__rank")

    def _place(self, per: Any) -> Any:
        """The index of a row's cell, as `PartialRequest.cells` counts them."""
        index = ibis.literal(0, "int64")
        for name, key in zip(self._keys, self._request.plan.by, strict=True):
            index = index * len(key.values) + _position(per[name], key.values)
        return index

    # Values that nobody declared

    def _found(self, measure: CommonValues) -> dict[Any, int]:
        """Patients by value, each patient in at most `groups` values."""
        table = self._table.filter(self._table[measure.column].notnull())
        per = table.select(PATIENT, __value=table[measure.column])
        if not self._one_row:
            per = self._first_by_hash(per.distinct(), "__value")
        counted = per.group_by("__value").aggregate(patients=per.count())
        return {row["__value"]: int(row["patients"]) for row in self._run(counted)}

    # Quantiles

    def _histogram(self, measure: Quantile) -> dict[int, dict[int, int]]:
        """Weights per cell and bin, as `Bounding` bounds them."""
        bins, bounds = self._request.bins[measure.name], self._request.contribution
        assert bounds is not None
        table = self._table.filter(self._table[measure.column].notnull())
        table = table.mutate(__bin=_bin(table[measure.column], bins))
        if self._one_row:
            found = table.group_by(*self._keys, "__bin").aggregate(weight=table.count() * bins.unit)
        elif self._request.bounding is Bounding.NORM:
            found = weighted_bins(table, self._keys, [PATIENT], self._request.total, bins.unit)
        else:
            kept = self._kept(table)
            found = weighted_bins(kept, self._keys, [PATIENT, *self._keys], bounds.rows, bins.unit)
        histogram: dict[int, dict[int, int]] = {}
        for row in self._run(found):
            histogram.setdefault(self._cell(row), {})[int(row["__bin"])] = int(row["weight"])
        return histogram

    def _kept(self, table: Any) -> Any:
        """Rows in the cells that their patient keeps."""
        if self._request.bounding is not Bounding.TRUNCATE:
            return table
        whole = self._table
        chosen = self._chosen(whole.group_by(PATIENT, *self._keys).aggregate(__rows=whole.count()))
        return table.semi_join(chosen, [PATIENT, *self._keys])

    def _order_statistics(self, measure: Quantile) -> None:
        """The two values around an exact quantile, on the grid."""
        counts = self._values[measure.name, "rows"]
        low, high = [0] * len(counts), [0] * len(counts)
        self._values[measure.name, "low"], self._values[measure.name, "high"] = low, high
        places = {i: _around(measure.q, n) for i, n in enumerate(counts) if n}
        if not places:
            return
        table = self._table.filter(self._table[measure.column].notnull())
        table = table.mutate(__q=quantised(table[measure.column], self._request.grids[measure.name]))
        window = ibis.window(group_by=self._keys, order_by="__q") if self._keys else ibis.window(order_by="__q")
        ranked = table.select(*self._keys, "__q", __r=ibis.row_number().over(window))
        wanted = sorted({rank for pair in places.values() for rank in pair})
        for row in self._run(ranked.filter(ranked["__r"].isin(wanted))):
            index, rank = self._cell(row), int(row["__r"])
            if index in places:
                low[index] = int(row["__q"]) if rank == places[index][0] else low[index]
                high[index] = int(row["__q"]) if rank == places[index][1] else high[index]


def _around(q: float, number: int) -> tuple[int, int]:
    """Ranks of the values below and above the q-quantile of `number` values."""
    position = Fraction(q) * (number - 1)
    below = position.numerator // position.denominator
    return below, min(below + 1, number - 1)


def _bin(column: Any, bins: Bins) -> Any:
    """`Bins.index`, in its order of operations."""
    offset = 0.5 if bins.shift == 0 else 0.0
    inside = clipped(column, bins.lower, bins.upper)
    index = (in_steps(inside - bins.lower, bins.width) + offset).floor().cast("int64")
    return ibis.least(ibis.greatest(index, 0), bins.number - 1)


def _position(column: Any, values: tuple[Any, ...]) -> Any:
    """The index of a key's value among its public values."""
    if len(values) <= _FEW:
        return column.cases(*[(v, ibis.literal(i, "int64")) for i, v in enumerate(values)])
    return ibis.array(list(values)).index(column).cast("int64")
