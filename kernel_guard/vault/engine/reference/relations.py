"""Rows of a plan's relations, in plain Python; `RECORD` holds a row's place in the stored table while it has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kernel_guard.plan import relations as rel
from kernel_guard.plan.schema import Study
from kernel_guard.plan.shape import Shape
from kernel_guard.plan.typing import shape_of
from kernel_guard.vault.engine.reference.expressions import Row, clean, evaluate, reduced
from kernel_guard.vault.engine.relations import RECORD

Tables = Mapping[str, Sequence[Mapping[str, Any]]]


class Relations:
    """Rows of relations over one study's tables."""

    def __init__(self, study: Study, tables: Tables) -> None:
        self._study, self._tables = study, tables

    def shape(self, relation: rel.Relation) -> Shape:
        return shape_of(relation, self._study)

    def rows(self, node: rel.Relation) -> list[Row]:
        """The columns of the relation's shape that are open, in each row."""
        match node:
            case rel.Source():
                return self._source(node)
            case rel.Filter():
                shape = self.shape(node.source)
                return [r for r in self.rows(node.source) if evaluate(node.predicate, r, shape) is True]
            case rel.Derive():
                return [self._derived(node, row) for row in self.rows(node.source)]
            case rel.Join():
                return self._joined(node)
        return self._per_patient(node)

    def _source(self, node: rel.Source) -> list[Row]:
        shape = self.shape(node)
        kept = [c for c in shape.columns if not c.blocked or c.name == shape.patient_key]
        rows = [
            {**{c.name: clean(row.get(c.name), c) for c in kept}, RECORD: place}
            for place, row in enumerate(self._tables[node.table])
        ]
        return [row for row in rows if row[shape.patient_key] is not None]

    def _derived(self, node: rel.Derive, row: Row) -> Row:
        made = evaluate(node.expression, row, self.shape(node.source))
        if made is not None and node.lower is not None and node.upper is not None:
            made = max(min(float(made), float(node.upper)), float(node.lower))
        return {**row, node.name: made}

    def _joined(self, node: rel.Join) -> list[Row]:
        left, right = self.shape(node.left), self.shape(node.right)
        added = [c.name for c in right.columns if not c.blocked and c.name != right.patient_key]
        others = {patient_of(row, right): row for row in self.rows(node.right)}
        empty: Row = dict.fromkeys(added)
        joined = []
        for row in self.rows(node.left):
            other = others.get(patient_of(row, left))
            if other is not None or node.how == "left":
                joined.append({**row, **{name: (other or empty)[name] for name in added}})
        return joined

    def _per_patient(self, node: rel.PerPatient) -> list[Row]:
        shape = self.shape(node.source)
        patients: dict[Any, list[Row]] = {}
        for row in self.rows(node.source):
            patients.setdefault(patient_of(row, shape), []).append(row)
        return [
            {shape.patient_key: patient, **{r.name: reduced(r, rows, shape) for r in node.reductions}}
            for patient, rows in patients.items()
        ]


def patient_of(row: Row, shape: Shape) -> Any:
    """Whose row it is."""
    return row[shape.patient_key]
