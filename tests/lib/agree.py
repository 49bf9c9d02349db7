"""Two engines beside each other on the exact route: evidence, members and owners, exactly but for rounding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kernel_guard.vault.engine.base import Engine, PartialRequest
from kernel_guard.vault.engine.evidence import Kind, lines_of

COUNTED, SIZED = ("patients", "rows", "filled", "nonzero"), ("largest", "absolute")


def check_exact(engine: Engine, oracle: Engine, request: PartialRequest) -> None:
    """What the rules read of every cell, and who stands behind it, is the same."""
    request = replace(request, filled=True)
    found, expected = engine.evidence(request), oracle.evidence(request)
    for line in (line for measure in request.plan.measures for line in lines_of(measure)):
        one, two = found[line.name], expected[line.name]
        assert one.total == two.total
        for part in COUNTED:
            assert np.array_equal(getattr(one, part), getattr(two, part)), (line, part)
        for part in SIZED:
            a, b = getattr(one, part), getattr(two, part)
            # Deviations are floating point: databases add them in an order of their own.
            close = np.allclose(a, b, rtol=1e-9, atol=1e-6) if line.kind is Kind.SPREAD else np.array_equal(a, b)
            assert close, (line, part)
    cells, sets = len(request.cells), engine.members(request)
    for name, members in oracle.members(request).items():
        assert all(map(_same, sets[name].by_cell(cells), members.by_cell(cells))), name


def check_owners(engine: Engine, oracle: Engine, table: str) -> None:
    """Every stored row has the same patient."""
    found, expected = engine.owners(table), oracle.owners(table)
    assert np.array_equal(found, expected[: len(found)]) and not expected[len(found) :].any()


def _same(one: Any, two: Any) -> bool:
    return all(a is b is None or sorted(a.tolist()) == sorted(b.tolist()) for a, b in zip(one, two, strict=True))
