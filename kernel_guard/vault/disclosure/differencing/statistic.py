"""Which numbers can be subtracted from each other: the statistic behind a cell.

- Counts of patients with counts of patients; counts of rows with counts of rows of the same table.
- Numbers made from values (sums, means, quantiles …) with others that read a common column, in whatever form: that an
  expression differs does not make two sums of one column incomparable.
- Elements are patients where each has at most one row, and stored rows elsewhere: two visits of one patient may be
  told apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from kernel_guard.plan import relations as rel
from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Measure
from kernel_guard.plan.columns import columns_in
from kernel_guard.plan.measures import columns_of
from kernel_guard.plan.schema import Study
from kernel_guard.plan.typing import shape_of

PATIENTS = "patients"


@dataclass(frozen=True)
class Statistic:
    """`kind`: count or values; `columns`: the stored columns that the values come from; `elements`: "patients", or
    the table whose rows are the elements."""

    kind: str
    columns: frozenset[str]
    elements: str

    def meets(self, other: Statistic) -> bool:
        """Whether two numbers can be set against each other."""
        if self.kind != other.kind:
            return False
        return self.elements == other.elements if self.kind == "count" else bool(self.columns & other.columns)

    def text(self) -> str:
        """As it is stored."""
        return "|".join((self.kind, self.elements, *sorted(self.columns)))

    @classmethod
    def parse(cls, text: str) -> Statistic:
        kind, elements, *columns = text.split("|")
        return cls(kind, frozenset(columns), elements)


def statistic(measure: Measure, plan: Aggregate, study: Study) -> Statistic:
    """The statistic of a measure of a plan."""
    one = shape_of(plan.source, study).one_row_per_patient
    elements = PATIENTS if one or isinstance(measure, CountPatients) else leftmost(plan.source).table
    if isinstance(measure, CountPatients | CountRows):
        return Statistic("count", frozenset(), elements)
    read: set[str] = set()
    for name in columns_of(measure):
        read |= origins(name, plan.source, study)
    return Statistic("values", frozenset(read), elements)


def leftmost(relation: rel.Relation) -> rel.Source:
    """The table whose rows a relation's rows are."""
    while not isinstance(relation, rel.Source):
        relation = relation.left if isinstance(relation, rel.Join) else relation.source
    return relation


def origins(name: str, relation: rel.Relation, study: Study) -> set[str]:
    """The stored columns (table.column) that a column is made from."""
    if isinstance(relation, rel.Source):
        return {f"{relation.table}.{name}"}
    if isinstance(relation, rel.Join):
        right = shape_of(relation.right, study)
        added = {c.name for c in right.columns if not c.blocked and c.name != right.patient_key}
        return origins(name, relation.right if name in added else relation.left, study)
    if isinstance(relation, rel.Derive) and relation.name == name:
        found: set[str] = set()
        for read in columns_in(relation.expression):
            found |= origins(read, relation.source, study)
        return found
    if isinstance(relation, rel.PerPatient):
        made = next((r for r in relation.reductions if r.name == name), None)
        if made is None or made.column is None:
            return {f"{leftmost(relation).table}.*"}
        return origins(made.column, relation.source, study)
    return origins(name, relation.source, study)
