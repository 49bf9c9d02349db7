"""Sample and aggregate: a private answer of any function of patients (Nissim, Raskhodnikova, Smith 2007, section 4;
as a system, Mohan, Thakurta, Shi, Song, Culler 2012).

The patients are cut into B blocks, B fixed, the block of each by a keyed hash of that patient's key alone; a function
f, about which nothing is assumed, is computed on each block by itself; the B answers are combined. Neighbouring data
differ by one patient with all rows. That patient is in one block in both, and no other patient changes block, so at
most one of the B answers differs, and it stays within its declared bounds [l, u] (an answer that is missing is a
declared constant within them). Hence, with the answers as integers on a public grid of 2·H steps over [l, u]:

- *mean*: the vector of the d sums moves by at most 2·H in each entry, by d·2·H in L1. Integer Laplace noise of scale
  d·2·H/ε on each entry is ε-differentially private (`noise`). Dividing by B, a public number, is post-processing.
- *median*: for each output the exponential mechanism over public bins with the score −max(2·below − B, B − 2·(below
  + at), 0). Moving one answer changes `below` and `below + at` by at most 1 each, the score by at most 2. Each of
  the d outputs is given ε/d; they compose.

What this rests on outside this file: a block's answer depends on its own rows only (`vault/runner/blocks.py`).
The stated error is that of the noise. How far answers on blocks lie from the answer on all patients is not in it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kernel_guard.plan.protected import Output, SampleAndAggregate
from kernel_guard.vault.engine.grids import Bins, Grid
from kernel_guard.vault.mechanisms.loss import Loss
from kernel_guard.vault.mechanisms.noise import Sensitivity, add_noise, noise_of
from kernel_guard.vault.mechanisms.quantile import scores, selector

HALF = 2**20
BINS = 1_000
CONFIDENCE = 0.95
_MEDIAN_SENSITIVITY = 2


@dataclass(frozen=True)
class Combined:
    """One output: its private value and half the width of its interval (None where none can be stated)."""

    name: str
    value: float
    error: float | None


def expected_errors(private: SampleAndAggregate) -> list[dict[str, Any]]:
    """What the noise will do, from the declaration alone, in the form of a quote."""
    if private.combine == "mean":
        errors = [_mean_error(output, private) for output in private.outputs]
        texts = [f"± {error:.3g}" for error in errors]
        return [_quoted(*each) for each in zip(private.outputs, errors, texts, strict=True)]
    _, scale = selector(_MEDIAN_SENSITIVITY, _each(private))
    beside = math.ceil(scale * math.log(BINS / (1 - CONFIDENCE)) / 2)
    text = f"within {beside} of the {private.blocks} blocks from the middle one"
    return [_quoted(output, None, text) for output in private.outputs]


def _quoted(output: Output, error: float | None, text: str) -> dict[str, Any]:
    return {"measure": output.name, "error": error, "confidence": CONFIDENCE, "text": text}


def combine(private: SampleAndAggregate, answers: Sequence[Sequence[float]]) -> list[Combined]:
    """The private answer from one answer of each block, at a cost of `private.epsilon`."""
    if len(answers) != private.blocks:
        raise ValueError("one answer of each block is needed")
    by_output = [[answer[i] for answer in answers] for i in range(len(private.outputs))]
    return _means(private, by_output) if private.combine == "mean" else _medians(private, by_output)


def _means(private: SampleAndAggregate, by_output: list[list[float]]) -> list[Combined]:
    grids = [_grid(output) for output in private.outputs]
    sums = [sum(map(grid.quantise, values)) for grid, values in zip(grids, by_output, strict=True)]
    noisy = add_noise(sums, _sum_sensitivity(private), Loss(private.epsilon))
    return [
        Combined(o.name, _within(o, grid.centre + grid.step * n / private.blocks), _mean_error(o, private))
        for o, grid, n in zip(private.outputs, grids, noisy, strict=True)
    ]


def _medians(private: SampleAndAggregate, by_output: list[list[float]]) -> list[Combined]:
    measurement, _ = selector(_MEDIAN_SENSITIVITY, _each(private))
    found = []
    for output, values in zip(private.outputs, by_output, strict=True):
        bins = Bins(output.lower, output.upper, (output.upper - output.lower) / BINS, BINS, 0.5, 1)
        chosen = int(measurement(scores(Counter(map(bins.index, values)), bins, 0.5)))
        found.append(Combined(output.name, bins.candidate(chosen), None))
    return found


def _sum_sensitivity(private: SampleAndAggregate) -> Sensitivity:
    number = len(private.outputs)
    return Sensitivity(number * 2 * HALF, number * (2 * HALF) ** 2)


def _each(private: SampleAndAggregate) -> Loss:
    return Loss(private.epsilon).part(1, len(private.outputs))


def _mean_error(output: Output, private: SampleAndAggregate) -> float:
    noise = noise_of(_sum_sensitivity(private), Loss(private.epsilon))
    return min(_grid(output).step * noise.half_width(CONFIDENCE) / private.blocks, output.upper - output.lower)


def _grid(output: Output) -> Grid:
    """2·HALF steps over the bounds; the clip at ±HALF is what the sensitivity rests on."""
    centre = output.lower + (output.upper - output.lower) / 2
    return _HalfGrid(output.lower, output.upper, centre, (output.upper - output.lower) / (2 * HALF))


class _HalfGrid(Grid):
    """A grid whose half is exactly HALF, whatever the rounding of its step was."""

    @property
    def half(self) -> int:
        return HALF


def _within(output: Output, value: float) -> float:
    return min(max(value, output.lower), output.upper)
