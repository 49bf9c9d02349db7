"""Table 1: who the patients are, by group, in one call and as one release.

- A question for the numbers of all continuous variables and one for each categorical one, asked together: one cost,
  shared out by the planner, one check of all tables, one release.
- Percentages are derived from the published counts. A masked number makes its percentage masked.
- pandas is loaded when the table is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kernel_guard.client import measures
from kernel_guard.client.arranged import Arranged
from kernel_guard.client.display import figure
from kernel_guard.client.frame import Frame
from kernel_guard.client.grouped import Wanted, key_of
from kernel_guard.client.query import Query
from kernel_guard.client.together import Together
from kernel_guard.errors import PlanError
from kernel_guard.plan.schema import Scalar

QUARTILES = (0.25, 0.5, 0.75)
NUMBERS = "numbers"
By = str | Mapping[str, Iterable[Scalar]] | None


def table_one(
    frame: Frame, by: By = None, *, continuous: Iterable[str] = (), categorical: Iterable[str] = (),
    sd: bool = True,
) -> TableOne:  # fmt: skip
    """A table of characteristics: `kg.table_one(person, by="sex", continuous=["age"], categorical=["smoker"])`.

    `by={"sex": ["F", "M"]}` names the groups to show; `sd=False` leaves out the standard deviation beside each mean.

    >>> table_one(person, by="sex", continuous=["year_of_birth"], categorical=["smoker"])
    Question: numbers: Number of patients and mean of year_of_birth and standard deviation ...
    """
    groups: Wanted = {by: None} if isinstance(by, str) else {**(by or {})}
    return TableOne(frame, groups, list(continuous), list(categorical), sd=sd)


class TableOne(Arranged):
    """A Table 1, complete but not yet asked; `.release(…)` asks it."""

    def __init__(
        self, frame: Frame, by: Wanted, continuous: list[str], categorical: list[str], *, sd: bool = True
    ) -> None:
        if not continuous and not categorical:
            raise PlanError("A Table 1 needs variables.", hint="Give continuous=[…] or categorical=[…].")
        if len(by) > 1:
            raise PlanError("A Table 1 has one grouping variable.", hint="Derive one column of both.")
        self._by, self._continuous, self._categorical, self._sd = next(iter(by), None), continuous, categorical, sd
        self.questions = self._questions(frame, by)
        super().__init__(Together(self.questions))

    def _questions(self, frame: Frame, by: Wanted) -> dict[str, Query]:
        scope = frame._scope
        groups = measures.keys_of(scope, by)
        found = {NUMBERS: measures.several(scope, self._named(), groups)}
        for number, name in enumerate(self._categorical, 1):
            own, column = key_of(scope, name)
            found[f"t{number}_{name}"[:64]] = measures.counts(own, [*groups, column], "patients", given=groups)
        return found

    def _named(self) -> dict[str, object]:
        named: dict[str, object] = {"n": "patients"}
        for name in self._continuous:
            named[f"{name}_mean"] = (name, "mean")
            named |= {f"{name}_sd": (name, "std")} if self._sd else {}
            named |= {f"{name}_q{q * 100:.0f}": (name, "quantile", q) for q in QUARTILES}
        return named

    def arrange(self, found: Any) -> Any:
        """Variables and their values down, groups across."""
        import pandas as pd

        numbers, groups = found[NUMBERS], self._groups()
        rows: dict[tuple[str, str], list[str]] = {("", "n"): [_text(_at(numbers, "n", g)) for g in groups]}
        for name in self._continuous:
            rows[name, "mean (SD)" if self._sd else "mean"] = [self._mean(numbers, name, g) for g in groups]
            rows[name, "median [Q1, Q3]"] = [_median(numbers, name, g) for g in groups]
        for name, table in zip(self._categorical, list(self.questions)[1:], strict=True):
            question = self.questions[table]
            for value in question.plan.by[-1].values:
                label = question.labels.get(name, {}).get(value, value)
                rows[name, f"{label}, n (%)"] = [_share(found[table], g, value) for g in groups]
        labels = self.questions[NUMBERS].labels.get(self._by or "", {})
        columns = ["all"] if self._by is None else [str(labels.get(g, g)) for g in groups]
        return pd.DataFrame(list(rows.values()), index=pd.MultiIndex.from_tuples(list(rows)), columns=columns)

    def _groups(self) -> list[Any]:
        return [None] if self._by is None else list(self.questions[NUMBERS].plan.by[0].values)

    def _mean(self, numbers: Any, name: str, group: object) -> str:
        mean = _at(numbers, f"{name}_mean", group)
        spread = _at(numbers, f"{name}_sd", group) if self._sd else None
        if not self._sd or _masked(mean):
            return _text(mean)
        return str(spread) if _masked(spread) else f"{_text(mean)} ({_text(spread)})"


def _at(released: Any, measure: str, group: object) -> Any:
    """A measure's number in a group."""
    values = released._kg.values(measure).tolist()
    if group is None:
        return values[0]
    return values[released._kg.flat[released._kg.named("key")[0]].tolist().index(group)]


def _median(released: Any, name: str, group: object) -> str:
    low, middle, high = (_at(released, f"{name}_q{q * 100:.0f}", group) for q in QUARTILES)
    masks = [v for v in (middle, low, high) if _masked(v)]
    return str(masks[0]) if masks else f"{_text(middle)} [{_text(low)}, {_text(high)}]"


def _share(released: Any, group: object, value: object) -> str:
    """A count and its share of the group's published counts."""
    record = released._kg
    keys, numbers = record.named("key"), record.values(record.named("value")[0]).tolist()
    places = zip(*(record.flat[k].tolist() for k in keys), strict=True)
    own = {place[-1]: n for place, n in zip(places, numbers, strict=True) if group is None or place[0] == group}
    count, masked = own[value], any(map(_masked, own.values()))
    if _masked(count) or masked or not sum(own.values()):
        return _text(count)
    return f"{_text(count)} ({100 * count / sum(own.values()):.1f})"


def _masked(value: Any) -> bool:
    from kernel_guard.client.masked import Masked

    return isinstance(value, Masked)


def _text(value: Any) -> str:
    return str(value) if _masked(value) else figure(value)
