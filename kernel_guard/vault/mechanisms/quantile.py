"""Quantiles by selection: the exponential mechanism over public bins, from integer weights.

Report noisy max on integer scores, with OpenDP's pure form for a loss in ε and its zCDP form for one in ρ, each with
its own map (never one form's noise with the other's map).

With q = num/den and T the cell's total weight, the score of a bin is minus the distance of num·T from the interval
[den·below, den·(below + at)]: 0 where the quantile lies in the bin. A patient adds weight of at most W to a cell, in
any bins: den·below − num·T and num·T − den·(below + at) both move by at most W·max(num, den − num), and a maximum
with 0 moves no further. That is the L∞ sensitivity of the scores.

- A patient is in at most `groups` cells, so each cell is given ε/groups, or ρ/groups.
- Where rows are weighted a patient's weights in all cells add up to `total` · unit. The loss of a cell is in proportion
  to the weight there (ε), or to its square (ρ): with W = total · unit each cell may be given ρ whole, since
  Σ w² ≤ W · Σ w ≤ W².
- An empty cell's scores are all equal: its answer is drawn from the bins alike.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from opendp import domains, measurements, measures, metrics
from opendp.mod import enable_features

from kernel_guard.plan.privacy import exact
from kernel_guard.vault.engine.grids import Bins
from kernel_guard.vault.mechanisms.loss import Loss
from kernel_guard.vault.mechanisms.noise import LIMIT, check_cost, cost_of

enable_features("contrib")


def rank(q: float) -> Fraction:
    """A quantile's rank with a denominator small enough for 64-bit scores, strictly between 0 and 1."""
    least = Fraction(1, 100_000)
    return min(max(exact(q).limit_denominator(100_000), least), 1 - least)


def sensitivity(q: float, weight: int) -> int:
    """How far one patient of at most `weight` in a cell moves any score."""
    target = rank(q)
    return weight * max(target.numerator, target.denominator - target.numerator)


@functools.lru_cache(maxsize=1024)
def selector(d_in: int, loss: Loss) -> tuple[Any, float]:
    """A measurement that selects the index of the best score, with its scale."""
    space = domains.vector_domain(domains.atom_domain(T="i64")), metrics.linf_distance(T="i64")
    # A loss of 2 · d_in/scale (pure), or (2 · d_in/scale)²/8 (zCDP), rounded up: the map itself says when it is enough.
    if loss.pure:
        divergence, scale = measures.max_divergence(), float(2 * Fraction(d_in) / loss.amount)
    else:
        divergence, scale = measures.zero_concentrated_divergence(), d_in / math.sqrt(2 * loss.amount)
    measurement = measurements.make_noisy_max(*space, divergence, scale=scale)
    while cost_of(measurement, d_in) > loss.amount:
        scale = math.nextafter(scale, math.inf)
        measurement = measurements.make_noisy_max(*space, divergence, scale=scale)
    check_cost(cost_of(measurement, d_in), loss.amount)
    return measurement, scale


def scores(histogram: Mapping[int, int], bins: Bins, q: float, shift: int = 0) -> npt.NDArray[np.int64]:
    """One integer score per bin; see the module's text. `shift` moves num·T by a constant, for an interval's end.

    Python's integers, so that nothing overflows on the way.
    """
    target = rank(q)
    weights = np.zeros(bins.number, dtype=object)
    for index, weight in histogram.items():
        weights[index] = weight
    above = np.cumsum(weights)
    wanted = target.numerator * int(above[-1]) + shift
    low = target.denominator * (above - weights) - wanted
    high = wanted - target.denominator * above
    away = np.minimum(np.maximum(np.maximum(low, high), 0), LIMIT)
    return -away.astype(np.int64)  # OpenDP takes an array as it is, and a list number by number


def select_quantile(
    histogram: Mapping[int, int], bins: Bins, q: float, weight: int, loss: Loss, shift: int = 0
) -> float:
    """A quantile of a bounded column in one cell: the value of the selected bin.

    Privacy unit: one patient with all their rows.
    Sensitivity: L∞, W · max(num, den − num) on integer scores, for q = num/den and a patient's weight of at most W in
        the cell: den·below − num·T and num·T − den·(below + at) both move by no more, nor does a maximum with 0.
    Mechanism: noisy maximum of the scores; ε-DP for each patient in the cell, in proportion to their weight there, so
        that all cells together cost at most the sum over `groups` cells. Several quantiles of a column share ε. Paid
        in ρ: the zCDP form, whose map for bounded range is ρ = (2Δ/scale)²/8.
    Source: exponential mechanism, McSherry, Talwar (2007); for quantiles, Smith (2011); in zCDP, Cesar, Rogers (2021).
    OpenDP: `make_noisy_max` with `max_divergence`, or `zero_concentrated_divergence`; one form's noise is never used
        with the other's map.
    """
    measurement, _ = selector(sensitivity(q, weight), loss)
    return bins.candidate(int(measurement(scores(histogram, bins, q, shift))))


def select_interval(
    histogram: Mapping[int, int], bins: Bins, q: float, weight: int, loss: Loss, confidence: float
) -> tuple[float, float]:
    """The ends of an interval that holds the quantile in at least `confidence` of answers; each end costs `loss`.

    Each end is a selection of its own, of a rank so far below (above) the quantile's that with (1 − confidence)/2 at
    most it comes out on the wrong side: the utility bound of `rank_error`. That bound holds for all data, so that the
    interval holds more than it says; how much more only the data could tell.
    """
    shift = _reach(bins, q, weight, loss, (1.0 - confidence) / 2)
    low, high = (select_quantile(histogram, bins, q, weight, loss, s) for s in (-shift, shift))
    half = bins.width * bins.shift  # a middle stands for its whole bin, a declared value for itself
    return max(min(low, high) - half, bins.lower), min(max(low, high) + half, bins.upper)


def _reach(bins: Bins, q: float, weight: int, loss: Loss, doubt: float) -> int:
    """How far from the best a selected score may be, but with a chance of `doubt`."""
    return math.ceil(selector(sensitivity(q, weight), loss)[1] * math.log(bins.number / doubt))


def rank_error(bins: Bins, q: float, weight: int, loss: Loss, confidence: float) -> float:
    """Rows between the selected bin and the true rank, at most, with `confidence`.

    From the utility bound of the exponential mechanism: P(score < best − scale·ln(bins/β)) ≤ β.
    """
    _, scale = selector(sensitivity(q, weight), loss)
    return scale * math.log(bins.number / (1.0 - confidence)) / (rank(q).denominator * bins.unit)
