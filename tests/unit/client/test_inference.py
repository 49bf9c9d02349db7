"""Tests on released numbers know of the noise: no more false alarms than they say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kernel_guard.client.inference import chi_square, t_test
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
