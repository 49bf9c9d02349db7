"""Random small hospitals and random composed questions, attacked by a reader with exact arithmetic.

- From one release, masks, totals and metadata included, no count of 1 to threshold − 1 patients can be bounded more
  tightly than from 0 to threshold − 1; from several, none can be told.
- Every published number is right, by plain counting.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel_guard.errors import PolicyForbids
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key
from kernel_guard.plan.composed import ComposedAsk, NamedTable
from kernel_guard.plan.privacy import Route
from kernel_guard.plan.relations import Source
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.composition import joined
from kernel_guard.vault.disclosure.pack import load_pack
from kernel_guard.vault.engine.reference import ReferenceEngine
from kernel_guard.vault.exact import Asker, ExactRoute
from kernel_guard.vault.mechanisms import price
from tests.generative.test_exact_route import STUDY, Kept
from tests.lib.exact import NAME
from tests.lib.reader import Reader, cells

PACK = load_pack("datashield")  # 3: groups are small enough to be met often
KEYS: dict[str, tuple[Any, ...]] = {"sex": ("f", "m"), "site": (1, 2, 3, 4), "smoker": (False, True)}
PEOPLE = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in KEYS.items()}), min_size=6, max_size=30
)


@st.composite
def questions(draw: st.DrawFn) -> ComposedAsk:
    sets = draw(st.lists(st.sets(st.sampled_from(sorted(KEYS)), max_size=2), min_size=2, max_size=4))
    tables = tuple(
        NamedTable(f"t{i}", _table(sorted(names), bool(names) and draw(st.booleans()))) for i, names in enumerate(sets)
    )
    return ComposedAsk(tables, Route.SDC)


def _table(names: list[str], totals: bool) -> Aggregate:
    keys = tuple(Key(name, KEYS[name]) for name in names)
    return Aggregate(Source(NAME, "person"), (CountPatients("n"),), keys, totals)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PEOPLE, questions())
def test_one_release_bounds_no_small_number(people: list[dict[str, Any]], asked: ComposedAsk) -> None:
    reader, masked = _read(people, [asked])
    for cell in masked:
        low, high = reader.bounds(cell)
        assert low < 1e-6 and high > PACK.threshold - 1 - 1e-6, (cell, low, high)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PEOPLE, st.lists(questions(), min_size=2, max_size=3))
def test_several_releases_give_no_small_number_back(people: list[dict[str, Any]], asked: list[ComposedAsk]) -> None:
    reader, masked = _read(people, asked)
    for cell in masked:
        low, high = reader.bounds(cell)
        assert high - low > 1 - 1e-6, (cell, low, high)


def _read(people: list[dict[str, Any]], asked: list[ComposedAsk]) -> tuple[Reader, list[dict[str, Any]]]:
    """Ask, and tell a reader all that is published; gives the small cells that are not."""
    rows = [{**row, "pid": i, "born": None, "age": None, "cost": None, "weight": None} for i, row in enumerate(people)]
    engine = ReferenceEngine(STUDY, {"person": rows, "visit": []}, b"")
    history, reader = Kept(), Reader(KEYS)
    route, small = ExactRoute(history), list[dict[str, Any]]()
    for ask in asked:
        requests = {name: price(one, check_aggregate(one.plan, STUDY), STUDY).request for name, one in ask.parts(None)}
        try:
            made = route.answer_together(engine, requests, STUDY, PACK, Asker("p", "ana"))
        except PolicyForbids:
            continue
        history.keep(made.write)
        for cell, told in cells(joined([(name, "", made.results[name]) for name in requests]).result.to_json()):
            true = _count(people, cell)
            if told is not None:
                assert told == true and not 0 < true < PACK.threshold
                reader.tell(cell, told)
            elif 0 < true < PACK.threshold:
                small.append(cell)
    return reader, small


def _count(people: list[dict[str, Any]], cell: dict[str, Any]) -> int:
    return sum(all(v is None or person[k] == v for k, v in cell.items()) for person in people)
