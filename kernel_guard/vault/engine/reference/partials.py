"""The partials of one request over rows, in plain Python."""

from __future__ import annotations

import hashlib
import itertools
import math
from fractions import Fraction
from typing import Any

from kernel_guard.plan.aggregates import CommonValues, Measure, Quantile
from kernel_guard.plan.measures import columns_of
from kernel_guard.plan.privacy import Route
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.engine.base import Bounding, Part, PartialRequest, Partials
from kernel_guard.vault.engine.moments import degrees_of, grid_name
from kernel_guard.vault.engine.reference.expressions import Row, towards_zero
from kernel_guard.vault.engine.reference.relations import patient_of

_Cells = dict[tuple[Any, int], list[Row]]  # (patient, index of the cell) → rows


class Answer:
    """The partials of one request over rows."""

    def __init__(self, request: PartialRequest, rows: list[Row], shape: Shape, salt: bytes) -> None:
        self._request, self._salt = request, salt
        self._index = {cell: i for i, cell in enumerate(request.cells)}
        cells: _Cells = {}
        for row in rows:
            place = self._index.get(tuple(row[k.column] for k in request.plan.by))
            if place is not None:
                cells.setdefault((patient_of(row, shape), place), []).append(row)
        self._cells: _Cells = self._chosen(cells)

    def all(self) -> Partials:
        first = self._request.plan.measures[0]
        if isinstance(first, CommonValues):
            return Partials(self._request, {}, {}, {first.name: self._found(first)})
        values: dict[tuple[str, Part], tuple[int, ...]] = {}
        histograms: dict[str, dict[int, dict[int, int]]] = {}
        for m in self._request.plan.measures:
            if m.name in self._request.bins:
                histograms[m.name] = self._histogram(m)
            else:
                values |= {(m.name, part): tuple(v) for part, v in self._parts(m).items()}
        return Partials(self._request, values, histograms)

    def _chosen(self, cells: _Cells) -> _Cells:
        bounds = self._request.contribution
        if bounds is None or self._request.bounding is not Bounding.TRUNCATE:
            return cells
        held: dict[Any, list[int]] = {}
        for patient, place in cells:
            held.setdefault(patient, []).append(place)

        kept = {
            (patient, place)
            for patient, places in held.items()
            for place in sorted(places, key=lambda p: self._order(patient, p))[: bounds.groups]
        }
        return {key: rows for key, rows in cells.items() if key in kept}

    def _order(self, patient: Any, what: Any) -> str:
        return hashlib.sha256(f"{self._salt.hex()}:{patient}:{what}".encode()).hexdigest()

    def _found(self, measure: CommonValues) -> dict[Any, int]:
        bounds, found = self._request.contribution, dict[Any, int]()
        assert bounds is not None
        for (patient, _), rows in self._cells.items():
            values = {row[measure.column] for row in rows} - {None}
            for value in sorted(values, key=lambda v: self._order(patient, v))[: bounds.groups]:
                found[value] = found.get(value, 0) + 1
        return found

    def _parts(self, measure: Measure) -> dict[Part, list[int]]:
        bounds = self._request.contribution
        held = self._held(measure)
        parts: dict[Part, list[int]] = {p: [0] * len(self._index) for p in self._request.parts(measure)}
        pooled: list[list[int]] = [[] for _ in self._index]
        for (patient, place), rows in held.items():
            sums = self._sums(measure, rows)
            if isinstance(measure, Quantile):
                pooled[place] += [self._request.grids[measure.name].quantise(float(r[measure.column])) for r in rows]
            if self._request.bounding is Bounding.NORM:
                entry = self._weighted_entry(held, patient, len(rows), sums)
            else:
                entry = _entry(len(rows), sums, bounds.rows if bounds else None)
            for part in parts.keys() & entry.keys():
                parts[part][place] += entry[part]
        if isinstance(measure, Quantile):
            around = [_around(sorted(steps), measure.q) for steps in pooled]
            parts["low"], parts["high"] = [a for a, _ in around], [b for _, b in around]
        return parts

    def _held(self, measure: Measure) -> _Cells:
        """Per patient and cell the rows that count in a measure; none of those is empty."""
        names = columns_of(measure)
        counting = {k: [r for r in rows if all(r[n] is not None for n in names)] for k, rows in self._cells.items()}
        return {k: rows for k, rows in counting.items() if rows}

    def _sums(self, measure: Measure, rows: list[Row]) -> dict[Part, int]:
        """What a patient's rows in one cell add up to, before anything is bounded."""
        grids, names, degrees = self._request.grids, columns_of(measure), degrees_of(measure)
        if degrees and self._request.route is Route.SDC:
            return _powers(
                [[grids[grid_name(measure, i)].quantise(float(r[n])) for r in rows] for i, n in enumerate(names)]
            )
        if not degrees:
            grid = grids.get(measure.name)
            return {} if grid is None else {"sum": sum(grid.quantise(float(r[names[0]])) for r in rows)}
        found: dict[Part, int] = dict.fromkeys(self._request.parts(measure), 0)
        powers = list(itertools.product(*(range(d + 1) for d in degrees)))
        for row in rows:
            for part, ks in zip(found, powers, strict=True):
                term = 1
                for i, (name, degree, k) in enumerate(zip(names, degrees, ks, strict=True)):
                    grid = grids[grid_name(measure, i)]
                    v = grid.quantise(float(row[name]))
                    term *= math.comb(degree, k) * (grid.half + v) ** k * (grid.half - v) ** (degree - k)
                found[part] += term
        return found

    def _weighted_entry(self, held: _Cells, patient: Any, rows: int, sums: dict[Part, int]) -> dict[Part, int]:
        """What a patient adds to one cell where rows are weighted."""
        assert self._request.contribution is not None
        cells = [len(r) for (p, _), r in held.items() if p == patient]
        w = _weight(self._request.unit, self._request.total, sum(cells))
        each = _weight(self._request.unit, self._request.contribution.groups, len(cells))
        return {"rows": rows * w, "patients": each, **{part: value * w for part, value in sums.items()}}

    def _histogram(self, measure: Measure) -> dict[int, dict[int, int]]:
        assert isinstance(measure, Quantile) and self._request.contribution is not None
        bins, most, held = self._request.bins[measure.name], self._request.contribution.rows, self._held(measure)
        found: dict[int, dict[int, int]] = {}
        for (patient, place), rows in held.items():
            each = _weight(bins.unit, most, len(rows))
            if self._request.bounding is Bounding.NORM:
                each = _weight(
                    bins.unit, self._request.total, sum(len(r) for (p, _), r in held.items() if p == patient)
                )
            for row in rows:
                weights, index = found.setdefault(place, {}), bins.index(float(row[measure.column]))
                weights[index] = weights.get(index, 0) + each
        return found


def _entry(rows: int, sums: dict[Part, int], most: int | None) -> dict[Part, int]:
    """What a patient adds to one cell, as if of `most` rows."""
    if most is None or rows <= most:
        return {"rows": rows, "patients": 1, **sums}
    return {"rows": most, "patients": 1, **{p: towards_zero(v * most, rows) for p, v in sums.items()}}


def _powers(columns: list[list[int]]) -> dict[Part, int]:
    """Sums of one or two columns, of their squares and of their products."""
    xs, ys = columns[0], columns[-1]
    pairs: dict[Part, tuple[list[int], list[int]]] = {
        "square": (xs, xs), "other_square": (ys, ys), "product": (xs, ys),
    }  # fmt: skip
    products = {part: sum(x * y for x, y in zip(*pair, strict=True)) for part, pair in pairs.items()}
    return {"sum": sum(xs), "other": sum(ys), **products}


def _weight(unit: int, most: int, number: int) -> int:
    """What one of `number` weighs where at most `most` may count."""
    return unit if number <= most else unit * most // number


def _around(steps: list[int], q: float) -> tuple[int, int]:
    if not steps:
        return 0, 0
    position = Fraction(q) * (len(steps) - 1)
    below = position.numerator // position.denominator
    return steps[below], steps[min(below + 1, len(steps) - 1)]
