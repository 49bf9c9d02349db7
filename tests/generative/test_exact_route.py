"""Random data and random questions on the exact route, recomputed by plain pandas, and attacked with exact arithmetic.

- No published number violates its pack, and every number that is published is right.
- All that was published to a project together is about no group of fewer than the threshold of patients.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from kernel_guard.errors import PolicyForbids
from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Mean, Sum
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Filter, Relation, Source
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.disclosure.differencing.history import History, Published, Write
from kernel_guard.vault.disclosure.differencing.isolation import Verdict, find
from kernel_guard.vault.disclosure.differencing.statistic import Statistic, statistic
from kernel_guard.vault.disclosure.pack import load_pack
from kernel_guard.vault.engine.reference import ReferenceEngine
from kernel_guard.vault.exact import Asker, ExactRoute
from kernel_guard.vault.mechanisms import price
from tests.lib.exact import NAME, PERSON, VISIT, Study

PACK = load_pack("datashield")  # 3: groups are small enough to be met often
STUDY = Study(NAME, "A clinic", (PERSON, VISIT), "v1")
KEYS = {"sex": ("f", "m"), "site": (1, 2, 3, 4), "smoker": (False, True)}


class Kept(History):
    """A history in memory."""

    def __init__(self) -> None:
        self.cells: list[Published] = []

    def earlier(self, study: str, project: str, user: str, scope: str) -> list[Published]:
        return list(self.cells)

    def keep(self, write: Write) -> None:
        """What a commit would keep."""
        write(self, "r")  # type: ignore[arg-type]

    def execute(self, _statement: object, rows: list[dict[str, Any]] | None = None) -> None:
        for row in rows or ():
            patients, at = BitMap.deserialize(row["patients"]), Statistic.parse(row["statistic"])
            self.cells.append(Published(row["measure"], row["cell"], at, patients, None, "r", row["data_version"]))


ROWS = st.lists(
    st.fixed_dictionaries({
        "sex": st.sampled_from(["f", "m"]), "site": st.sampled_from([1, 2, 3, 4]), "smoker": st.booleans(),
        "age": st.integers(20, 25), "cost": st.one_of(st.none(), st.integers(-5, 400).map(float)),
    }), min_size=12, max_size=30,
)  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> Aggregate:
    source: Relation = Source(NAME, "person")
    if draw(st.booleans()):
        column = draw(st.sampled_from(["age", "site"]))
        operator = draw(st.sampled_from(["le", "gt", "ne", "eq"]))
        source = Filter(source, ex.Compare(operator, ex.ColumnRef(column), ex.Literal(draw(st.integers(1, 25)))))
    names = draw(st.lists(st.sampled_from(sorted(KEYS)), unique=True, max_size=2))
    measure = draw(st.sampled_from([CountPatients("x"), CountPatients("x"), Sum("x", "cost"), Mean("x", "cost")]))
    return Aggregate(source, (measure,), tuple(Key(n, KEYS[n]) for n in names), bool(names) and draw(st.booleans()))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, st.lists(questions(), min_size=1, max_size=4))
def test_what_is_published_is_right_and_isolates_nobody(rows: list[dict[str, Any]], asked: list[Aggregate]) -> None:
    people = [{**row, "pid": i, "born": None, "weight": None} for i, row in enumerate(rows, 1)]
    engine = ReferenceEngine(STUDY, {"person": people, "visit": []}, b"")
    frame, kept = pd.DataFrame(people), Kept()
    route = ExactRoute(kept)
    for plan in asked:
        ask = Ask(plan, Route.SDC)
        request = price(ask, check_aggregate(plan, STUDY), STUDY).request
        try:
            made = route.answer_together(engine, {"": request}, STUDY, PACK, Asker("p", "ana"))
        except PolicyForbids:
            continue
        kept.cells += _check(plan, made.results[""], frame)
    for kind in ("count", "values"):
        sets = [c.patient_codes for c in kept.cells if c.statistic.kind == kind]
        if sets:
            assert find([], sets, PACK.threshold).verdict is not Verdict.ISOLATES


def _check(plan: Aggregate, result: Any, frame: pd.DataFrame) -> list[Published]:
    """Recompute every published number; gives the sets behind them, by pandas."""
    measure = plan.measures[0]
    column = getattr(measure, "column", None)
    published = []
    for place, row in enumerate(result.rows):
        group = _filtered(plan.source, frame)
        for key, value in zip(plan.by, row, strict=False):
            group = group[group[key.column] == value] if value is not None else group
        group = group[group[column].notna()] if column else group
        told = row[len(plan.by)]
        if told is None:
            continue
        patients = group["pid"].nunique()
        assert patients == 0 or patients >= PACK.threshold, "a number about too few patients"
        _right(measure, told, group)
        if patients:
            published.append(
                Published("x", place, statistic(measure, plan, STUDY), BitMap(group["pid"].tolist()), None)
            )
    return published


def _right(measure: Any, told: float, group: pd.DataFrame) -> None:
    if isinstance(measure, CountPatients):
        assert told == group["pid"].nunique()
        return
    parts = group["cost"].abs().sort_values(ascending=False).tolist()
    assert np.isclose(told, group["cost"].sum() if isinstance(measure, Sum) else group["cost"].mean(), atol=1e-6)
    assert sum(parts[:2]) * 100 <= PACK.dominance_share * sum(parts) + 1e-6, "two patients make up most of it"
    nonzero = sum(p > 0 for p in parts)
    assert nonzero == 0 or nonzero >= PACK.threshold, "a count of few in disguise"


def _filtered(relation: Relation, frame: pd.DataFrame) -> pd.DataFrame:
    if isinstance(relation, Source):
        return frame
    predicate: Any = relation.predicate  # type: ignore[union-attr]
    column, value = frame[predicate.left.name], predicate.right.value
    return frame[getattr(column, f"__{predicate.operator}__")(value)]
