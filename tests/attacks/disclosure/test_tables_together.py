"""Work a masked cell back from another table of the same release.

Idea: ask for the numbers by sex and, in the same question, by sex and site: the first is the total of the second, and a
masked cell would be a subtraction away. Source: linked tables, Hundepool et al. (2012), Statistical Disclosure Control,
section 4.3. Absent: the small cell's number, and whatever bounds it more tightly than its mask.
"""

from __future__ import annotations

import pytest

from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Key
from kernel_guard.plan.composed import ComposedAsk, NamedTable
from kernel_guard.plan.privacy import Route
from kernel_guard.plan.relations import Source
from tests.lib.exact import NAME, clinic, population
from tests.lib.reader import Reader, cells

KEYS = {"sex": ("f", "m"), "site": (1, 2, 3, 4), "smoker": (False, True)}
WHOLE = ("n", "sites", "smokers", "site")
APART = ("sites", "smokers")  # the total that both have is not published
ASKED = {"n": ("sex",), "sites": ("sex", "site"), "smokers": ("site", "smoker"), "site": ("site",)}


def _table(name: str, rows: bool) -> NamedTable:
    measure = CountRows("n") if rows else CountPatients("n")
    keys = tuple(Key(n, KEYS[n]) for n in ASKED[name])
    return NamedTable(name, Aggregate(Source(NAME, "person"), (measure,), keys))


@pytest.mark.parametrize(("names", "rows"), [(WHOLE, False), (APART, True)])
def test_no_cell_comes_back(names: tuple[str, ...], rows: bool) -> None:
    people = population(site=lambda pid: 4 if pid <= 23 else 1 + pid % 3, sex=lambda pid: "f" if pid < 4 else "m",
                        smoker=lambda pid: pid > 15)  # fmt: skip
    with clinic(people) as vault:
        ask = ComposedAsk(tuple(_table(name, rows) for name in names), Route.SDC)
        found = list(cells(vault.gate.release(vault.token, ask).statement))
    reader = Reader(KEYS)
    for cell, told in found:
        if told is not None:
            reader.tell(cell, told)
    small = []
    for cell, told in found:
        true = sum(all(v is None or person[k] == v for k, v in cell.items()) for person in people)
        assert told is None or told == true
        if 0 < true < 10:
            low, high = reader.bounds(cell)
            assert told is None and low <= 1e-6 and high >= 9 - 1e-6, (cell, low, high)
            small.append(cell)
    assert small and any(told is not None for _, told in found)
