"""The relational part of the plan on in-memory pandas rows: for mock rows only.

- Semantics as in `kernel_guard.plan.expressions`: comparisons with a missing value are false, x / 0 is missing.
- Nullable dtypes throughout, so that missing is one thing for every type.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pandas as pd

from kernel_guard.plan import expressions as ex
from kernel_guard.plan import relations as rel
from kernel_guard.plan import schema
from kernel_guard.plan.expression_types import type_of
from kernel_guard.plan.shape import Shape
from kernel_guard.plan.typing import shape_of

Rows = pd.DataFrame
Values = Any  # a pandas Series, or a scalar constant
_COMPARE = {"eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt,
            "ge": operator.ge}  # fmt: skip
_ARITHMETIC = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv}
_DATES = (schema.ColumnType.DATE, schema.ColumnType.DATETIME)


class Evaluator:
    """Runs relations of `study` over given tables."""

    def __init__(self, study: schema.Study, tables: dict[str, Rows]) -> None:
        self._study = study
        self._tables = tables

    def shape(self, relation: rel.Relation) -> Shape:
        return shape_of(relation, self._study)

    def rows(self, relation: rel.Relation) -> Rows:
        """The rows of a relation."""
        if isinstance(relation, rel.Source):
            return self._tables[relation.table]
        if isinstance(relation, rel.Filter):
            rows = self.rows(relation.source)
            return pd.DataFrame(rows.loc[self._condition(relation.predicate, rows, self.shape(relation.source))])
        if isinstance(relation, rel.Derive):
            return self._derive(relation)
        if isinstance(relation, rel.Join):
            return self._join(relation)
        return self._per_patient(relation)

    def _derive(self, node: rel.Derive) -> Rows:
        rows, shape = self.rows(node.source), self.shape(node.source)
        values = self._value(node.expression, rows, shape)
        if not isinstance(values, pd.Series):
            values = pd.Series([values] * len(rows), index=rows.index).convert_dtypes()
        if node.lower is not None and node.upper is not None:
            values = values.clip(node.lower, node.upper)
        return rows.assign(**{node.name: values})

    def _join(self, node: rel.Join) -> Rows:
        left, right = self.rows(node.left), self.rows(node.right)
        keys = self.shape(node.left).patient_key, self.shape(node.right).patient_key
        right = right.rename(columns={keys[1]: keys[0]})
        return left.merge(right, on=keys[0], how=node.how)

    def _per_patient(self, node: rel.PerPatient) -> Rows:
        rows, shape = self.rows(node.source), self.shape(node.source)
        key = shape.patient_key
        made = {r.name: self._reduce(r, rows, shape) for r in node.reductions}
        patients = pd.Index(rows[key].unique(), name=key)
        return pd.DataFrame({n: v.reindex(patients) for n, v in made.items()}, index=patients).reset_index()

    def _reduce(self, reduction: rel.Reduction, rows: Rows, shape: Shape) -> Values:
        key, function, column = shape.patient_key, reduction.function, str(reduction.column)
        sizes = rows.groupby(key).size().astype("Int64")
        if function == "count":
            limit = reduction.limit or shape.max_rows_per_patient
            return sizes.clip(upper=limit) if limit else sizes
        if function == "exists":
            return (sizes > 0).astype("boolean")
        if function in ("first", "last"):
            ordered = rows.sort_values(str(reduction.order_by), kind="stable")
            return getattr(ordered[ordered[column].notna()].groupby(key)[column], function)()
        return getattr(rows.groupby(key)[column], function)()

    def _condition(self, node: ex.Expression, rows: Rows, shape: Shape) -> Any:
        """A condition as a plain boolean mask: missing is false."""
        value = self._value(node, rows, shape)
        if not isinstance(value, pd.Series):
            return pd.Series(bool(value), index=rows.index)
        return value.fillna(False).astype(bool)

    def _value(self, node: ex.Expression, rows: Rows, shape: Shape) -> Values:
        match node:
            case ex.ColumnRef():
                return rows[node.name]
            case ex.Literal():
                return node.value
            case ex.Compare():
                return self._compare(node, rows, shape)
            case ex.And():
                return self._condition(node.left, rows, shape) & self._condition(node.right, rows, shape)
            case ex.Or():
                return self._condition(node.left, rows, shape) | self._condition(node.right, rows, shape)
            case ex.Not():
                return ~self._condition(node.operand, rows, shape)
            case ex.IsIn():
                return self._isin(node, rows, shape)
            case ex.IsMissing():
                return self._series(node.operand, rows, shape).isna()
            case ex.Arithmetic():
                return self._arithmetic(node, rows, shape)
            case ex.DatePart():
                return _date_part(self._series(node.operand, rows, shape), node.part)
            case ex.DaysBetween():
                span = (
                    self._series(node.end, rows, shape).dt.normalize()
                    - self._series(node.start, rows, shape).dt.normalize()
                )
                return span.dt.days.astype("Int64")
            case ex.Case():
                return self._case(node, rows, shape)
        return _cut(self._series(node.operand, rows, shape), node)

    def _case(self, node: ex.Case, rows: Rows, shape: Shape) -> Values:
        found = pd.Series([node.otherwise] * len(rows), index=rows.index, dtype="string")
        for condition, label in reversed(list(zip(node.conditions, node.labels, strict=True))):
            found = found.mask(self._condition(condition, rows, shape), label)
        return found

    def _series(self, node: ex.Expression, rows: Rows, shape: Shape) -> Any:
        value = self._value(node, rows, shape)
        return value if isinstance(value, pd.Series) else pd.Series([value] * len(rows), index=rows.index)

    def _compare(self, node: ex.Compare, rows: Rows, shape: Shape) -> Values:
        left, right = self._value(node.left, rows, shape), self._value(node.right, rows, shape)
        dated = any(type_of(side, shape).type in _DATES for side in (node.left, node.right))
        left, right = (pd.Timestamp(v) if dated and isinstance(v, str) else v for v in (left, right))
        found = _COMPARE[node.operator](left, right)
        if not isinstance(found, pd.Series):
            return found
        # pandas says that a missing date differs from every other; here it compares to nothing.
        for side in (left, right):
            if isinstance(side, pd.Series):
                found = found & side.notna()
        return found.fillna(False).astype(bool)

    def _isin(self, node: ex.IsIn, rows: Rows, shape: Shape) -> Values:
        values: list[Any] = list(node.values)
        if type_of(node.operand, shape).type in _DATES:
            values = [pd.Timestamp(str(v)) for v in values]
        return self._series(node.operand, rows, shape).isin(values)

    def _arithmetic(self, node: ex.Arithmetic, rows: Rows, shape: Shape) -> Values:
        left = self._series(node.left, rows, shape).astype("Float64")
        right = self._series(node.right, rows, shape).astype("Float64")
        if node.operator == "divide":
            right = right.mask(right == 0)
        return _ARITHMETIC[node.operator](left, right)


def _date_part(dates: Any, part: str) -> Any:
    if part == "weekday":
        return (dates.dt.weekday + 1).astype("Int64")
    return getattr(dates.dt, part).astype("Int64")


def _cut(values: Any, node: ex.Cut) -> Any:
    numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    edges = np.asarray(node.edges)
    slot = np.searchsorted(edges, numbers, side="right") - 1
    slot[numbers == edges[-1]] = len(edges) - 2
    inside = (numbers >= edges[0]) & (numbers <= edges[-1])
    labels = np.array([*node.labels, None], dtype=object)
    return pd.Series(labels[np.where(inside, slot, -1)], index=values.index, dtype="string")


def constants(relation: rel.Relation) -> dict[str, list[Any]]:
    """Column → constants that the relation compares it with for equality, in order."""
    found: dict[str, list[Any]] = {}
    pending: list[Any] = [relation]
    while pending:
        node = pending.pop(0)
        if isinstance(node, ex.Compare) and node.operator == "eq":
            if isinstance(node.left, ex.ColumnRef) and isinstance(node.right, ex.Literal):
                found.setdefault(node.left.name, []).append(node.right.value)
        elif isinstance(node, ex.IsIn) and isinstance(node.operand, ex.ColumnRef):
            found.setdefault(node.operand.name, []).extend(node.values)
        if hasattr(node, "__dataclass_fields__"):
            pending.extend(getattr(node, f) for f in node.__dataclass_fields__)
        elif isinstance(node, tuple):
            pending.extend(node)
    return found
