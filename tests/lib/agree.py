"""Two engines beside each other on the exact route: evidence, members and owners, to the last integer."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernel_guard.vault.engine.base import Engine, PartialRequest
from kernel_guard.vault.engine.evidence import has_parts

PARTS = ("patients", "rows", "nonzero", "largest", "absolute")


def check_exact(engine: Engine, oracle: Engine, request: PartialRequest) -> None:
    """What the rules read of every cell, and who stands behind it, is the same."""
    found, expected = engine.evidence(request), oracle.evidence(request)
    for measure in request.plan.measures:
        one, two = found[measure.name], expected[measure.name]
        assert one.total == two.total or not has_parts(measure)
        for part in PARTS:
            assert np.array_equal(getattr(one, part), getattr(two, part)), (measure, part)
    cells, sets = len(request.cells), engine.members(request)
    for name, members in oracle.members(request).items():
        assert all(map(_same, sets[name].by_cell(cells), members.by_cell(cells))), name


def check_owners(engine: Engine, oracle: Engine, table: str) -> None:
    """Every stored row has the same patient."""
    found, expected = engine.owners(table), oracle.owners(table)
    assert np.array_equal(found, expected[: len(found)]) and not expected[len(found) :].any()


def _same(one: Any, two: Any) -> bool:
    return all(a is b is None or sorted(a.tolist()) == sorted(b.tolist()) for a, b in zip(one, two, strict=True))
