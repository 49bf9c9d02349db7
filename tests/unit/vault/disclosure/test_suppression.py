"""Secondary suppression: protected against an independent audit, no worse than τ-ARGUS, cheap where it is exact."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kernel_guard.vault.disclosure.suppression import audit, suppress
from kernel_guard.vault.disclosure.suppression import protect as protecting
from kernel_guard.vault.disclosure.suppression.attacker import needs, unprotected
from kernel_guard.vault.disclosure.suppression.table import Equation, Linear, counts

LEAST = 10


def table(inner: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], tuple[Equation, ...]]:
    """A table with all its totals, flat, and its equations."""
    whole = inner
    for axis in range(inner.ndim):
        whole = np.concatenate([whole, whole.sum(axis=axis, keepdims=True)], axis=axis)
    index = np.arange(whole.size).reshape(whole.shape)
    lines = [np.moveaxis(index, a, -1).reshape(-1, whole.shape[a]) for a in range(inner.ndim)]
    return whole.ravel().astype(float), tuple((int(v[-1]), tuple(map(int, v[:-1]))) for rows in lines for v in rows)


def sample(shape: tuple[int, ...], seed: int, mean: float = 40) -> np.ndarray[Any, Any]:
    random = np.random.default_rng(seed)
    return random.poisson(random.gamma(1.2, mean, shape))


def protected(linear: Linear) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], str]:
    primary = linear.values < LEAST
    up, down = np.where(primary, LEAST - 1 - linear.values, 0), np.where(primary, linear.values, 0)
    found = suppress(linear, primary, up, down)
    return primary, found.masked, found.method


def check(linear: Linear, primary: np.ndarray[Any, Any], masked: np.ndarray[Any, Any]) -> None:
    """Nobody can tell a small cell from any other number below the threshold."""
    published = [None if hidden else float(v) for hidden, v in zip(masked, linear.values, strict=True)]
    for cell, interval in audit(published, linear.equations, linear.lower, linear.upper).items():
        assert interval.low <= linear.values[cell] + 1e-6 <= interval.high + 2e-6
        if primary[cell]:
            assert interval.low <= 1e-6 and interval.high >= LEAST - 1 - 1e-6


@pytest.mark.parametrize(("shape", "seed"), [((4, 5), 1), ((5, 6), 2), ((6, 4), 3), ((2, 3, 3), 4), ((7,), 5)])
def test_no_masked_cell_is_bounded_more_tightly_than_its_mask_says(shape: tuple[int, ...], seed: int) -> None:
    values, equations = table(sample(shape, seed))
    linear = counts(values, equations)
    primary, masked, _ = protected(linear)
    assert primary.any() and (masked | ~primary).all()
    check(linear, primary, masked)


@pytest.mark.parametrize("cells", [0, 250])
def test_heuristics_protect_as_well(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(protecting, "EXACT_CELLS", 0)
    monkeypatch.setattr(protecting, "PROGRAM_CELLS", cells)
    values, equations = table(sample((5, 6), 2))
    linear = counts(values, equations)
    primary, masked, method = protected(linear)
    assert method == ("heuristic" if cells else "totals")
    check(linear, primary, masked)


def test_a_hierarchy_is_protected_on_every_level() -> None:
    """Two quarters of four months each, their totals and the year's, by two sexes with a total."""
    months = sample((8, 2), 11, 30)
    months[2, 0] = 3
    quarters = months.reshape(2, 4, 2).sum(axis=1)
    grid = np.vstack([months, quarters, quarters.sum(axis=0, keepdims=True)])
    grid = np.hstack([grid, grid.sum(axis=1, keepdims=True)])
    index = np.arange(grid.size).reshape(grid.shape)
    equations: list[Equation] = [(int(r[-1]), tuple(map(int, r[:-1]))) for r in index]
    for column in index.T:
        equations += [(int(column[8 + q]), tuple(map(int, column[4 * q : 4 * q + 4]))) for q in (0, 1)]
        equations.append((int(column[10]), (int(column[8]), int(column[9]))))
    linear = counts(grid.ravel(), tuple(equations))
    primary, masked, _ = protected(linear)
    check(linear, primary, masked)


def test_the_exact_solver_finds_the_fewest_cells() -> None:
    """Against every choice of masks of a small table."""
    values, equations = table(np.array([[3, 20, 30], [25, 40, 38]]))
    linear = counts(values, equations)
    primary, masked, method = protected(linear)
    assert method == "exact"
    others = np.flatnonzero(~primary)
    best = masked.sum()
    for number in range(int(masked.sum() - primary.sum())):
        for extra in itertools.combinations(others, number):
            tried = primary.copy()
            tried[list(extra)] = True
            try:
                check(linear, primary, tried)
            except AssertionError:
                continue
            best = min(best, tried.sum())
    assert best == masked.sum()


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_worse_than_tau_argus(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same magnitude table, the same p% rule: the same primary cells, as well protected, and no more cells lost."""
    monkeypatch.chdir(tmp_path)  # its solver writes where it stands
    tau = pytest.importorskip("pytauargus", reason="τ-ARGUS's engine has no wheel for this machine")
    random = np.random.default_rng(seed)
    rows = []
    for i, j in itertools.product(range(5), range(6)):
        sizes = np.round(random.lognormal(4, 1.2, random.integers(2, 9)), 0) + 1
        rows += [{"a": f"a{i}", "b": f"b{j}", "x": float(v)} for v in sizes]
    with tempfile.TemporaryDirectory() as folder:
        result = tau.protect(rows, ["a", "b"], "x", safety_rules="P(15,1)", suppress="OPT(1)", workdir=folder)
        theirs = _argus_cells(Path(result.tables[0].path))
    own, primary = _own(rows)
    assert {cell for cell, status in theirs.items() if status == "U"} == primary
    lost = {cell for cell, status in theirs.items() if status != "S"}
    assert primary and len(own) <= 1.05 * len(lost), (len(own), len(lost))


def _argus_cells(path: Path) -> dict[tuple[str, str], str]:
    """What became of each cell of τ-ARGUS's table: S(afe), U(nsafe), M(asked besides)."""
    rows = [line.split(";") for line in path.read_text().splitlines()]
    return {(row[0].strip('"'), row[1].strip('"')): row[5] for row in rows}


def _own(rows: list[dict[str, Any]]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    labels = [("Total" if i == 5 else f"a{i}", "Total" if j == 6 else f"b{j}") for i in range(6) for j in range(7)]
    parts = {label: sorted((r["x"] for r in rows if label[0] in (r["a"], "Total") and label[1] in (r["b"], "Total")),
                           reverse=True) for label in labels}  # fmt: skip
    inner = np.array([[sum(parts[f"a{i}", f"b{j}"]) for j in range(6)] for i in range(5)])
    values, equations = table(inner)
    needed = np.array([0.15 * p[0] - (sum(p) - p[0] - p[1]) for p in (parts[label] for label in labels)])
    primary = needed > 0
    linear = Linear(values, np.zeros(len(values)), values + values.max(), equations)
    moves = np.where(primary, needed, 0)
    found = suppress(linear, primary, moves, moves, seconds=20)
    assert not unprotected(linear, found.masked, needs(primary, moves, moves))
    return {labels[i] for i in np.flatnonzero(found.masked)}, {labels[i] for i in np.flatnonzero(primary)}
