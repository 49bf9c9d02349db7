"""Faults of the noise library that are known: they are avoided, and noticed when they change.

- Each test says what is used instead. One that fails after an upgrade means that a reason in the code has gone.
"""

from __future__ import annotations

import ast
import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opendp.prelude as dp
import pytest

import kernel_guard.vault.mechanisms as mechanisms
from kernel_guard.errors import InternalError
from kernel_guard.vault.mechanisms.loss import Divergence, Loss
from kernel_guard.vault.mechanisms.noise import Sensitivity, add_noise, check_cost, cost_of, measurement_of, noise_of
from kernel_guard.vault.mechanisms.quantile import selector

dp.enable_features("contrib")
CODE = "\n".join(p.read_text() for p in Path(mechanisms.__file__).parent.glob("*.py"))


def test_only_the_constructors_that_are_proved_are_used() -> None:
    """No Polars (sensitivity understated), no compositors (cannot be saved); of thresholds one, with a δ of our own."""
    called = {
        node.attr
        for node in ast.walk(ast.parse(CODE.replace("from __future__ import annotations", "")))
        if isinstance(node, ast.Attribute) and node.attr.startswith(("make_", "then_"))
    }
    assert called == {
        "make_laplace",
        "make_noisy_max",
        "make_gaussian",
        "make_fix_delta",
        "make_zCDP_to_approxDP",
        "make_laplace_threshold",
    }
    assert "floating-point" not in CODE.replace("nothing here runs on floating-point data", "")
    assert "honest-but-curious" not in CODE


def test_a_noisy_maximum_is_priced_by_its_own_pure_map() -> None:
    """ε²/8 does not hold for the pure form (measured Rényi divergence beyond it); ε²/2 is what is charged."""
    measurement, _ = selector(7, Loss(Fraction(1, 3)))
    assert Fraction(cost_of(measurement, 7)) <= Fraction(1, 3)
    assert Loss(Fraction(1)).rho == Fraction(1, 2)


@pytest.mark.slow
def test_the_divergence_of_the_pure_noisy_maximum_is_within_what_is_charged() -> None:
    space: Any = dp.vector_domain(dp.atom_domain(T="i64")), dp.linf_distance(T="i64")
    pure = dp.m.make_noisy_max(*space, dp.max_divergence(), scale=1.0)
    epsilon = pure.map(1)  # type: ignore[no-untyped-call]
    one, other = (np.mean([pure(scores) == 0 for _ in range(40_000)]) for scores in ([0, 0], [1, -1]))
    renyi = math.log(sum(q * q / p for p, q in ((one, other), (1 - one, 1 - other))))
    assert renyi <= 2 * float(Loss(Fraction(epsilon)).rho)


def test_a_charge_below_the_map_is_refused() -> None:
    measurement, _ = measurement_of(Sensitivity(3, 9), Loss(Fraction(1, 2)))
    with pytest.raises(InternalError):
        check_cost(cost_of(measurement, 4), Fraction(1, 2))
    with pytest.raises(InternalError):
        check_cost(float("nan"), Fraction(1))


@pytest.mark.parametrize("d_in", [1, 3, 10**6, 2**50])
@pytest.mark.parametrize("epsilon", ["1/1000", "1/3", "1", "7"])
def test_the_scale_is_the_least_that_the_map_allows(d_in: int, epsilon: str) -> None:
    exact = Fraction(d_in) / Fraction(epsilon)
    assert (
        exact * (1 - Fraction(1, 10**12))
        <= Fraction(noise_of(Sensitivity(d_in, d_in**2), Loss(Fraction(epsilon))).scale)
        <= exact * (1 + Fraction(1, 10**9))
    )


@pytest.mark.parametrize("rho", ["1/100000", "1/30", "2"])
@pytest.mark.parametrize("two", [1, 2, 9 * 5, 2**80 + 1])
def test_the_scale_of_gaussian_noise_is_the_least_that_the_map_allows(two: int, rho: str) -> None:
    """σ² = d²/2ρ, and never less."""
    square = Fraction(noise_of(Sensitivity(1, two), Loss(Fraction(rho), Divergence.ZCDP)).scale) ** 2
    assert 1 - Fraction(1, 10**12) <= square * 2 * Fraction(rho) / two <= 1 + Fraction(1, 10**9)


def test_a_selection_in_rho_is_priced_by_the_map_of_its_own_form() -> None:
    """The zCDP form may use half the noise of the pure one at the same ρ; its map says so itself."""
    loss = Loss(Fraction(1, 8), Divergence.ZCDP)
    measurement, scale = selector(1, loss)
    assert Fraction(cost_of(measurement, 1)) <= loss.amount
    assert scale == pytest.approx(selector(1, Loss(Fraction(1, 2)))[1] / 2)


@pytest.mark.parametrize("loss", [Loss(Fraction(1)), Loss(Fraction(1, 2), Divergence.ZCDP)])
def test_noise_at_the_ends_of_the_integers_does_not_wrap(loss: Loss) -> None:
    for value in (2**63, -(2**63), 2**62):
        assert abs(add_noise([value], Sensitivity(1, 1), loss)[0] - max(min(value, 2**62), -(2**62))) < 10**6


def test_noise_loads_no_table_library() -> None:
    """OpenDP's prelude would load scikit-learn, SciPy and pandas where they are installed: 100 MiB for nothing."""
    named = "{'sklearn', 'pandas', 'polars'}"
    code = f"import sys, kernel_guard.vault.mechanisms; print({named} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
