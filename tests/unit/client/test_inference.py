"""Tests on released numbers know of the noise: no more false alarms than they say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import kruskal, mannwhitneyu

from kernel_guard.client.inference import chi_square, rank_test, t_test
from kernel_guard.errors import PlanError

ERROR = 30.0  # what ε = 0.1 leaves on a count of patients


def table(counts: Any, error: float | None = ERROR) -> Any:
    """A released cross tab."""
    rows = [[f"a{i}", f"b{j}", int(counts[i][j]), error] for i in range(len(counts)) for j in range(len(counts[0]))]
    roles = (("a", "string", "key"), ("b", "string", "key"), ("n", "integer", "value"), ("n_error", "float", "error"))
    columns = [{"name": name, "type": kind, "role": role} for name, kind, role in roles]
    return SimpleNamespace(statement={"columns": columns, "rows": rows, "confidence": 0.95}, release_id="r-1")


def noisy(counts: Any, dice: np.random.Generator) -> Any:
    return np.maximum(np.round(np.asarray(counts) + dice.laplace(0, 10, np.shape(counts))), 0)


def test_an_association_is_found_and_none_is_not_invented() -> None:
    dice = np.random.default_rng(5)
    assert chi_square(table([[900, 100], [600, 400]])).p_value < 0.01  # type: ignore[operator]
    false = sum(
        float(chi_square(table(noisy(dice.multinomial(1000, [0.3, 0.2, 0.3, 0.2]).reshape(2, 2), dice))).p_value or 0)
        < 0.05
        for _ in range(60)
    )
    assert false <= 8  # three are expected; nine would happen once in 300 such tests


def test_noise_alone_is_no_association() -> None:
    """A table that a test without noise would call significant."""
    counts = [[530, 470], [480, 520]]
    assert chi_square(table(counts)).p_value > chi_square(table(counts, error=None)).p_value  # type: ignore[operator]


def in_rho(release: Any) -> Any:
    """The same release, paid in ρ: its noise is Gaussian."""
    release.statement["cost"] = {"epsilon": "1", "delta": "1/1000000", "rho": "1/50"}
    return release


def drawn(dice: np.random.Generator, shares: Any, number: int, *, gaussian: bool) -> Any:
    """Patients by group and interval, with the noise of a release."""
    counts = np.stack([dice.multinomial(number, row) for row in shares])
    noise = dice.normal(0, ERROR / 1.96, counts.shape) if gaussian else dice.laplace(0, 10, counts.shape)
    found = table(np.maximum(np.round(counts + noise), 0))
    return in_rho(found) if gaussian else found


def alarms(test: Any, runs: int, *, groups: int, gaussian: bool) -> float:
    """The share of tables without an association that have p < 0.05."""
    dice, shares = np.random.default_rng(11), np.tile([0.1, 0.2, 0.4, 0.2, 0.1], (groups, 1))
    return float(np.mean([test(drawn(dice, shares, 500, gaussian=gaussian)).p_value < 0.05 for _ in range(runs)]))


def test_ranks_invent_no_difference() -> None:
    assert alarms(rank_test, 60, groups=2, gaussian=False) <= 9 / 60


@pytest.mark.slow
@pytest.mark.parametrize("test", [chi_square, rank_test])
@pytest.mark.parametrize("gaussian", [False, True])
@pytest.mark.parametrize("groups", [2, 3])
def test_the_size_of_a_test_is_what_it_says(test: Any, gaussian: bool, groups: int) -> None:
    """Of 300 tables 15 are expected; more than 27 would be seen once in 500 such tests."""
    found = alarms(test, 300, groups=groups, gaussian=gaussian)
    print(f"{test.__name__}, {groups} groups, {'Gaussian' if gaussian else 'Laplace'}: {found:.3f} at 0.05")
    assert 0.01 <= found <= 0.09


@pytest.mark.parametrize("gaussian", [False, True])
def test_a_shift_is_found_more_often_by_ranks_than_without_order(gaussian: bool) -> None:
    dice, shares = np.random.default_rng(12), [[0.15, 0.25, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.25, 0.15]]
    found = [drawn(dice, shares, 1000, gaussian=gaussian) for _ in range(25)]
    ranks, plain = (sum(t(f).p_value < 0.05 for f in found) / 25 for t in (rank_test, chi_square))
    print(f"power: {ranks:.2f} by ranks, {plain:.2f} by chi-square")
    assert ranks > 0.6 and ranks > plain


def test_the_chance_to_be_above_is_that_of_mann_and_whitney() -> None:
    counts = [[30, 20, 10], [10, 20, 30]]
    values = [[v for v, n in enumerate(row) for _ in range(n)] for row in counts]
    u = mannwhitneyu(values[1], values[0]).statistic / 3600
    found = rank_test(table(counts, error=None))
    assert found.value == pytest.approx(u) and abs(float(found.p_value or 0) - kruskal(*values).pvalue) < 0.01
    assert found.value > 0.5 and "from release r-1" in repr(found)


def test_totals_are_no_part_of_a_test() -> None:
    plain, summed = table([[30, 20], [10, 40]]), table([[30, 20], [10, 40]])
    summed.statement["rows"] += [["a0", None, 50, ERROR], [None, None, 100, ERROR]]
    assert chi_square(summed) == chi_square(plain)


def groups(rows: list[list[Any]]) -> Any:
    """A released table of number, mean and standard deviation by one key."""
    columns = [{"name": "sex", "type": "string", "role": "key", "of": None}]
    for name in ("n", "mean", "sd"):
        columns.append({"name": name, "type": "float", "role": "value", "of": None})
        columns.append({"name": f"{name}_error", "type": "float", "role": "error", "of": name})
    return SimpleNamespace(statement={"columns": columns, "rows": rows, "confidence": 0.95}, release_id="r-2")


def test_a_difference_of_means_counts_the_noise() -> None:
    dice, alarms = np.random.default_rng(9), 0
    for _ in range(200):
        means = dice.normal(50, 10 / 10, 2) + dice.normal(0, 1.0, 2)  # a hundred patients each, and noise of one unit
        rows = [[sex, 100, mean, 1.96, 10.0, 0.5] for sex, mean in zip("fm", means, strict=True)]
        found = t_test(groups([[r[0], r[1], 6.0, r[2], r[3], r[4], r[5]] for r in rows]))
        alarms += (found.p_value or 0) < 0.05
    assert alarms <= 20
    clear = t_test(groups([["f", 500, 3.0, 60.0, 0.5, 10.0, 0.5], ["m", 500, 3.0, 50.0, 0.5, 10.0, 0.5]]))
    assert (clear.p_value or 0) < 1e-6 and (clear.lower or 0) < 10 < (clear.upper or 0)
    assert "from release r-2" in repr(clear)


def test_only_a_table_of_two_groups_is_tested() -> None:
    with pytest.raises(PlanError, match="two groups"):
        t_test(groups([["f", 1, 1, 1, 1, 1, 1]]))


def test_only_cross_tabs_of_counts_are_tested() -> None:
    one_key = table([[1, 2], [3, 4]])
    one_key.statement["columns"][0]["role"] = "value"
    with pytest.raises(PlanError, match="two keys"):
        chi_square(one_key)
