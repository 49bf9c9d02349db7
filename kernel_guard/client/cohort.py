"""Cohort flow: how many patients each criterion leaves, from one count of the patients whom each one excludes.

- Every patient is counted once, at the first criterion that they fail or at the end: the steps together cost what one
  count costs, and no two numbers of them differ by a few patients that are told nowhere.
- What a step leaves is the sum of what is excluded after it and what remains. Where a step excludes too few to be told,
  what it leaves is masked too; the flow goes on below it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kernel_guard.client import measures
from kernel_guard.client.arranged import Arranged, guarded
from kernel_guard.client.column import Column
from kernel_guard.client.frame import Frame
from kernel_guard.errors import PlanError
from kernel_guard.plan import expressions as ex

START, REMAINING = "all", "remaining"
Criterion = Column | Callable[[Frame], Column]


def attrition(frame: Frame, criteria: Mapping[str, Criterion], *, by: str | None = None) -> Attrition:
    """The flow of a cohort: `kg.attrition(people, {"adult": people["age"] >= 18, "seen": people["visits"] > 0})`.

    >>> flow = attrition(person, {"born before 1950": person["year_of_birth"] < 1950, "smokes": person["smoker"]})
    >>> flow.release(epsilon=1)
                      patients  excluded
    all                    330         0
    born before 1950       230       100
    smokes                 120       110
    """
    return Attrition(frame, dict(criteria), by)


class Attrition(Arranged):
    """A cohort flow, complete but not yet asked."""

    def __init__(self, frame: Frame, criteria: dict[str, Criterion], by: str | None = None) -> None:
        if not criteria or REMAINING in criteria or START in criteria:
            raise PlanError("A cohort flow needs criteria.", hint=f"Any names but {START!r} and {REMAINING!r}.")
        if not frame._scope.shape.one_row_per_patient:
            raise PlanError(
                "A cohort flow needs one row per patient.",
                hint="Reduce first: person.merge(visits.per_patient(n='count'), how='left').",
            )
        self.steps, self.by = list(criteria), by
        failed = tuple(ex.Not(_condition(frame, name, c)) for name, c in criteria.items())
        node = ex.Case(failed, tuple(criteria), REMAINING)
        scope, name = Column(frame._scope, node)._settle()
        keys = [by, name] if by is not None else [name]
        super().__init__(measures.counts(scope, keys, "patients"))

    def arrange(self, found: Any) -> Any:
        """A line for each step; with `by`, the groups across."""
        import pandas as pd

        record = found._kg
        keys, numbers = record.named("key"), record.values(record.named("value")[0]).tolist()
        cells = dict(zip(zip(*(record.flat[k].tolist() for k in keys), strict=True), numbers, strict=True))
        steps = (*self.steps, REMAINING)
        if self.by is None:
            return self._flow([cells[step,] for step in steps])
        groups = dict.fromkeys(record.flat[keys[0]].tolist())
        return pd.concat([self._flow([cells[g, step] for step in steps]) for g in groups], axis=1, keys=list(groups))

    def _flow(self, excluded: list[Any]) -> Any:
        """What each step leaves, and whom it excludes: what it leaves is all that comes after it."""
        import pandas as pd

        left = [sum(excluded[i + 1 :], excluded[i]) for i in range(len(excluded))]
        made = pd.DataFrame({"patients": guarded(left), "excluded": guarded([0, *excluded[:-1]])})
        return made.set_axis(pd.Index([START, *self.steps]))


def _condition(frame: Frame, name: str, criterion: Criterion) -> ex.Expression:
    found = criterion(frame) if callable(criterion) and not isinstance(criterion, Column) else criterion
    if not isinstance(found, Column):
        raise PlanError(f"The criterion {name!r} is not a condition.", hint="Such as person['age'] >= 18.")
    frame._filter(found)  # the same checks as any filter
    return found._open()
