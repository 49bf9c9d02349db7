"""Empirical audits: a lower bound on ε from what two neighbouring data sets release, by a distinguishing test.

- Each release is a trial; the neighbours differ by one patient, a canary at the ends of every range.
- The test picks its threshold on one half of the trials and is scored on the other: no bias towards a large bound.
- Clopper and Pearson bound both error rates with 95 % confidence; ε ≥ ln(power / false alarms) (Jagielski, Ullman,
  Oprea 2020). What is read is the released bytes: the canonical JSON of a result.
- Of a mechanism in zCDP what is bounded is ρ: the Rényi divergence of the test's two outcomes is at most α·ρ for every
  order α.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import beta

from kernel_guard.plan.codec import canonical_json
from kernel_guard.plan.privacy import Ask
from kernel_guard.vault.disclosure.result import Result
from kernel_guard.vault.mechanisms import Pricing, protect_dp
from tests.lib.cohorts import Rows, partials_of, priced

DOUBT = 0.025
Protect = Callable[[Any, Pricing, Ask], Result]


def released(ask: Ask, rows: Rows, name: str, runs: int, protect: Protect = protect_dp) -> np.ndarray[Any, Any]:
    """A released number, in the first cell, as it stands in the bytes of `runs` releases."""
    pricing = priced(ask)
    partials = partials_of(pricing, rows)
    found = []
    for _ in range(runs):
        statement = json.loads(canonical_json(protect(partials, pricing, ask).to_json()))
        place = [c["name"] for c in statement["columns"]].index(name)
        found.append(float(statement["rows"][0][place]))
    return np.array(found)


def log_ratio(power: float, false: float) -> float:
    """What pure ε must at least be for a test of this power and this rate of false alarms."""
    return math.log(power / false)


def renyi(power: float, false: float) -> float:
    """What ρ must at least be: the largest D_α/α of the two outcomes."""
    orders = np.linspace(1.05, 40, 200)
    moments = power**orders * false ** (1 - orders) + (1 - power) ** orders * (1 - false) ** (1 - orders)
    return float((np.log(moments) / (orders - 1) / orders).max())


def lower_bound(
    one: np.ndarray[Any, Any], other: np.ndarray[Any, Any], distance: Callable[[float, float], float] = log_ratio
) -> float:
    """What ε (by `renyi`: ρ) must at least be, in 95 % of audits, for two samples of releases to differ as they do."""
    half = len(one) // 2
    best = max(
        (_bound(sign * one[:half], sign * other[:half], t, distance), sign, t)
        for sign in (1, -1)
        for t in np.unique(np.quantile(sign * np.concatenate([one[:half], other[:half]]), np.linspace(0.02, 0.98, 49)))
    )
    _, sign, threshold = best
    return _bound(sign * one[half:], sign * other[half:], threshold, distance)


def _bound(
    one: np.ndarray[Any, Any],
    other: np.ndarray[Any, Any],
    threshold: float,
    distance: Callable[[float, float], float],
) -> float:
    """The distance between the outcomes of the test “above the threshold”, whichever side it is run from."""
    hits, alarms, number = int((one > threshold).sum()), int((other > threshold).sum()), len(one)
    return max(surely(hits, alarms, number, distance), surely(alarms, hits, number, distance), 0.0)


def surely(hits: int, alarms: int, number: int, distance: Callable[[float, float], float]) -> float:
    """The distance that a test with so many hits and false alarms, of `number` each, shows with confidence."""
    power = float(beta.ppf(DOUBT, hits, number - hits + 1)) if hits else 0.0
    false = float(beta.ppf(1 - DOUBT, alarms + 1, number - alarms)) if alarms < number else 1.0
    return distance(power, false) if power > false else 0.0
