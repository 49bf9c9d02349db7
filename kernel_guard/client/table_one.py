"""Table 1: who the patients are, by group, in one call.

- Numbers are asked as few questions: one for all continuous variables, one for each categorical one. All are released
  on one route; on the DP route the cost is shared out evenly, and its sum is the cost that was given.
- Percentages are derived from the published counts. A masked number makes its percentage masked.
- pandas is loaded when the table is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernel_guard.client import measures
from kernel_guard.client.display import figure
from kernel_guard.client.frame import Frame
from kernel_guard.client.grouped import key_of
from kernel_guard.client.query import Query
from kernel_guard.errors import PlanError
from kernel_guard.plan.privacy import exact

QUARTILES = (0.25, 0.5, 0.75)


def table_one(
    frame: Frame, by: str | None = None, *, continuous: Iterable[str] = (), categorical: Iterable[str] = ()
) -> TableOne:
    """A table of characteristics: `kg.table_one(person, by="sex", continuous=["age"], categorical=["smoker"])`."""
    return TableOne(frame, by, list(continuous), list(categorical))


class TableOne:
    """A Table 1, complete but not yet asked; `.release(…)` asks it."""

    def __init__(self, frame: Frame, by: str | None, continuous: list[str], categorical: list[str]) -> None:
        if not continuous and not categorical:
            raise PlanError("A Table 1 needs variables.", hint="Give continuous=[…] or categorical=[…].")
        self._by, self._continuous, self._categorical = by, continuous, categorical
        keys, scope = [by] if by is not None else [], frame._scope
        named: dict[str, object] = {"n": "patients"}
        for name in continuous:
            named[f"{name}_mean"] = (name, "mean")
            named |= {f"{name}_q{q * 100:.0f}": (name, "quantile", q) for q in QUARTILES}
        by_group = measures.keys_of(scope, dict.fromkeys(keys))
        self.questions: dict[str, Query] = {"": measures.several(scope, named, by_group)}
        for name in categorical:
            own, column = key_of(scope, name)
            self.questions[name] = measures.counts(own, [*keys, column], "patients")

    def release(self, epsilon: object = None) -> Any:
        """The table as pandas; `.attrs["releases"]` names the releases behind it."""
        share = None if epsilon is None else str(exact(epsilon) / len(self.questions))
        return self._laid_out({name: question.release(share) for name, question in self.questions.items()})

    def _laid_out(self, found: dict[str, Any]) -> Any:
        import pandas as pd

        groups = [None] if self._by is None else list(self.questions[""].plan.by[0].values)
        rows: dict[tuple[str, str], list[str]] = {("", "n"): [_text(_at(found[""], "n", g)) for g in groups]}
        for name in self._continuous:
            rows[name, "mean"] = [_text(_at(found[""], f"{name}_mean", g)) for g in groups]
            rows[name, "median [Q1, Q3]"] = [_median(found[""], name, g) for g in groups]
        for name in self._categorical:
            question = self.questions[name]
            for value in question.plan.by[-1].values:
                label = question.labels.get(name, {}).get(value, value)
                rows[name, f"{label}, n (%)"] = [_share(found[name], g, value) for g in groups]
        labels = self.questions[""].labels.get(self._by or "", {})
        columns = ["all"] if self._by is None else [str(labels.get(g, g)) for g in groups]
        table = pd.DataFrame(list(rows.values()), index=pd.MultiIndex.from_tuples(list(rows)), columns=columns)
        table.attrs["releases"] = [released.release_id for released in found.values()]
        return table

    def __repr__(self) -> str:
        asked = "\n".join(f"  {q.words}" for q in self.questions.values())
        return f"Table 1, {len(self.questions)} question(s):\n{asked}\nNothing has been asked of the data yet."


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
