"""The oracle: the same requests over rows in memory, in plain Python. Slow, short, and read before it is trusted.

- Values are what the schema declares or None: finite floats, 64-bit integers, dates, text, booleans.
- Every rule of `expressions`, `relations` and `partials` is said here a second time, without Ibis.
"""

from __future__ import annotations

import datetime
import hashlib
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from kernel_guard.plan import expressions as ex
from kernel_guard.plan import relations as rel
from kernel_guard.plan.aggregates import Measure, Quantile
from kernel_guard.plan.measures import columns_of
from kernel_guard.plan.privacy import Route
from kernel_guard.plan.schema import Column, ColumnType, Study
from kernel_guard.plan.typing import Shape, shape_of, type_of
from kernel_guard.vault.engine.base import Bounding, Part, PartialRequest, Partials
from kernel_guard.vault.engine.grids import exact_grid
from kernel_guard.vault.engine.moments import degrees_of, grid_name

Row = dict[str, Any]
_Cells = dict[tuple[Any, int], list[Row]]  # (patient, index of the cell) → rows
_DATES = (ColumnType.DATE, ColumnType.DATETIME)
_WHOLE = 2**63


class ReferenceEngine:
    """`tables` maps each table's name to its rows (`pyarrow.Table.to_pylist()` gives such)."""

    def __init__(self, study: Study, tables: Mapping[str, Sequence[Mapping[str, Any]]], salt: bytes) -> None:
        self._study, self._tables, self._salt = study, tables, salt

    def partials(self, request: PartialRequest) -> Partials:
        return _Answer(request, self._rows(request.plan.source), self._shape(request.plan.source), self._salt).all()

    def differing_patients(self, first: rel.Relation, second: rel.Relation) -> tuple[int, int]:
        one, two = ({_patient(r, self._shape(n)) for r in self._rows(n)} for n in (first, second))
        return len(one - two), len(two - one)

    def _shape(self, relation: rel.Relation) -> Shape:
        return shape_of(relation, self._study)

    def _rows(self, node: rel.Relation) -> list[Row]:
        match node:
            case rel.Source():
                return self._source(node)
            case rel.Filter():
                shape = self._shape(node.source)
                return [r for r in self._rows(node.source) if evaluate(node.predicate, r, shape) is True]
            case rel.Derive():
                return [self._derived(node, row) for row in self._rows(node.source)]
            case rel.Join():
                return self._joined(node)
        return self._per_patient(node)

    def _source(self, node: rel.Source) -> list[Row]:
        shape = self._shape(node)
        kept = [c for c in shape.columns if not c.blocked or c.name == shape.patient_key]
        rows = [{c.name: clean(row.get(c.name), c) for c in kept} for row in self._tables[node.table]]
        return [row for row in rows if row[shape.patient_key] is not None]

    def _derived(self, node: rel.Derive, row: Row) -> Row:
        made = evaluate(node.expression, row, self._shape(node.source))
        if made is not None and node.lower is not None and node.upper is not None:
            made = max(min(float(made), float(node.upper)), float(node.lower))
        return {**row, node.name: made}

    def _joined(self, node: rel.Join) -> list[Row]:
        left, right = self._shape(node.left), self._shape(node.right)
        added = [c.name for c in right.columns if not c.blocked and c.name != right.patient_key]
        others = {_patient(row, right): row for row in self._rows(node.right)}
        empty: Row = dict.fromkeys(added)
        joined = []
        for row in self._rows(node.left):
            other = others.get(_patient(row, left))
            if other is not None or node.how == "left":
                joined.append({**row, **{name: (other or empty)[name] for name in added}})
        return joined

    def _per_patient(self, node: rel.PerPatient) -> list[Row]:
        shape = self._shape(node.source)
        patients: dict[Any, list[Row]] = {}
        for row in self._rows(node.source):
            patients.setdefault(_patient(row, shape), []).append(row)
        return [
            {shape.patient_key: patient, **{r.name: reduced(r, rows, shape) for r in node.reductions}}
            for patient, rows in patients.items()
        ]


class _Answer:
    """The partials of one request over rows."""

    def __init__(self, request: PartialRequest, rows: list[Row], shape: Shape, salt: bytes) -> None:
        self._request = request
        self._index = {cell: i for i, cell in enumerate(request.cells)}
        cells: _Cells = {}
        for row in rows:
            place = self._index.get(tuple(row[k.column] for k in request.plan.by))
            if place is not None:
                cells.setdefault((_patient(row, shape), place), []).append(row)
        self._cells: _Cells = self._chosen(cells, salt)

    def all(self) -> Partials:
        values: dict[tuple[str, Part], tuple[int, ...]] = {}
        histograms: dict[str, dict[int, dict[int, int]]] = {}
        for m in self._request.plan.measures:
            if m.name in self._request.bins:
                histograms[m.name] = self._histogram(m)
            else:
                values |= {(m.name, part): tuple(v) for part, v in self._parts(m).items()}
        return Partials(self._request, values, histograms)

    def _chosen(self, cells: _Cells, salt: bytes) -> _Cells:
        bounds = self._request.contribution
        if bounds is None or self._request.bounding is not Bounding.TRUNCATE:
            return cells
        held: dict[Any, list[int]] = {}
        for patient, place in cells:
            held.setdefault(patient, []).append(place)

        def order(patient: Any, place: int) -> str:
            return hashlib.sha256(f"{salt.hex()}:{patient}:{place}".encode()).hexdigest()

        kept = {
            (patient, place)
            for patient, places in held.items()
            for place in sorted(places, key=lambda p: order(patient, p))[: bounds.groups]
        }
        return {key: rows for key, rows in cells.items() if key in kept}

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


def clean(value: Any, declared: Column) -> Any:
    """A raw value as the declared type, or None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or value in declared.missing_codes or str(value) in map(str, declared.missing_codes):
        return None
    return value


def evaluate(node: ex.Expression, row: Row, shape: Shape) -> Any:
    """The value of an expression in one row; None is missing."""
    match node:
        case ex.ColumnRef():
            return row[node.name]
        case ex.Literal():
            return _constant(node.value)
        case ex.Compare():
            return _compare(node, row, shape)
        case ex.And():
            return evaluate(node.left, row, shape) is True and evaluate(node.right, row, shape) is True
        case ex.Or():
            return evaluate(node.left, row, shape) is True or evaluate(node.right, row, shape) is True
        case ex.Not():
            return evaluate(node.operand, row, shape) is not True
        case ex.IsIn():
            options = [ex.Compare("eq", node.operand, ex.Literal(v)) for v in node.values]
            return any(_compare(option, row, shape) for option in options)
        case ex.IsMissing():
            return evaluate(node.operand, row, shape) is None
        case ex.Arithmetic():
            return _arithmetic(node.operator, *(evaluate(s, row, shape) for s in (node.left, node.right)))
        case ex.DatePart():
            day = _day(evaluate(node.operand, row, shape))
            parts: dict[str, Callable[[datetime.date], int]] = {
                "year": lambda d: d.year, "month": lambda d: d.month, "weekday": lambda d: d.isoweekday(),
            }  # fmt: skip
            return None if day is None else parts[node.part](day)
        case ex.DaysBetween():
            start, end = (_day(evaluate(s, row, shape)) for s in (node.start, node.end))
            return None if start is None or end is None else (end - start).days
        case ex.Case():
            chosen = (n for c, n in zip(node.conditions, node.labels, strict=True) if evaluate(c, row, shape) is True)
            return next(chosen, node.otherwise)
    return _cut(node, evaluate(node.operand, row, shape))


def reduced(reduction: rel.Reduction, rows: list[Row], shape: Shape) -> Any:
    """One value of one patient."""
    if reduction.function == "exists":
        return True
    if reduction.function == "count":
        limit = reduction.limit or shape.max_rows_per_patient
        return min(len(rows), limit) if limit else len(rows)
    name = str(reduction.column)
    held = [r[name] for r in rows if r[name] is not None]
    if reduction.function in ("sum", "mean"):
        grid = exact_grid(shape.column(name))
        high = low = 0
        for steps in (grid.quantise(float(v)) for v in held):
            high += _towards_zero(steps, 2**31)
            low += steps - _towards_zero(steps, 2**31) * 2**31
        total = float(high) * float(2**31) + float(low)
        if reduction.function == "sum":
            return total * grid.step if held else 0.0
        return total / float(len(held)) * grid.step if held else None
    if reduction.function in ("min", "max"):
        return (min if reduction.function == "min" else max)(held, default=None)
    moment = str(reduction.order_by)
    dated = [(r[moment], r[name]) for r in rows if r[moment] is not None and r[name] is not None]
    return None if not dated else (min(dated) if reduction.function == "first" else max(dated))[1]


def _patient(row: Row, shape: Shape) -> Any:
    return row[shape.patient_key]


def _constant(value: ex.Value) -> Any:
    return float(value) if type(value) is int and abs(value) >= _WHOLE else value


def _compare(node: ex.Compare, row: Row, shape: Shape) -> bool:
    left, right = evaluate(node.left, row, shape), evaluate(node.right, row, shape)
    if left is None or right is None:
        return False
    if any(type_of(side, shape).type in _DATES for side in (node.left, node.right)):
        left, right = _instant(left), _instant(right)
    elif isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
    answers = {"eq": left == right, "ne": left != right}
    if node.operator in answers:
        return bool(answers[node.operator])
    return bool({"lt": left < right, "le": left <= right, "gt": left > right, "ge": left >= right}[node.operator])


def _instant(value: Any) -> datetime.datetime:
    if isinstance(value, str):
        value = datetime.date.fromisoformat(value)
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    return datetime.datetime(value.year, value.month, value.day)


def _day(value: Any) -> datetime.date | None:
    return value.date() if isinstance(value, datetime.datetime) else value


def _arithmetic(operator: str, left: Any, right: Any) -> float | None:
    if left is None or right is None:
        return None
    a, b = _within(float(left)), _within(float(right))
    if operator == "divide":
        return _within(a / b) if b else None
    return _within({"add": a + b, "subtract": a - b, "multiply": a * b}[operator])


def _within(number: float) -> float:
    return max(-1e300, min(1e300, (number + 2.0**-944) - 2.0**-944))


def _cut(node: ex.Cut, value: Any) -> str | None:
    if value is None:
        return None
    number = float(value)
    if number == float(node.edges[-1]):
        return node.labels[-1]
    for low, high, label in zip(node.edges, node.edges[1:], node.labels, strict=False):
        if float(low) <= number < float(high):
            return label
    return None


def _towards_zero(a: int, b: int) -> int:
    return a // b if a >= 0 else -(-a // b)


def _entry(rows: int, sums: dict[Part, int], most: int | None) -> dict[Part, int]:
    """What a patient adds to one cell, as if of `most` rows."""
    if most is None or rows <= most:
        return {"rows": rows, "patients": 1, **sums}
    return {"rows": most, "patients": 1, **{p: _towards_zero(v * most, rows) for p, v in sums.items()}}


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
