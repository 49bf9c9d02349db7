"""Error bars of numbers that are not linear in the noise: the noise is drawn again, many times, on the noisy numbers.

- Post-processing: only released numbers and the public scale of the noise are used, so it costs no privacy.
- The half-width is the quantile of |f(noisy + fresh noise) − f(noisy)|: a parametric bootstrap of the noise. It covers
  the distance to the number without noise, not what bounds cut off.
- The draws come from a fixed public seed, so that a quote and an audit find the same error bar again. They are never
  the noise of a release: that is OpenDP's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from kernel_guard.vault.mechanisms.accuracy import EXACTLY, Noise

DRAWS = 10_000
FEWEST = 1000  # draws for large tables
NUMBERS = 4_000_000  # most numbers in one go
ALL = 200_000_000  # numbers in all above which fewer draws are made
Array = Any  # a float array; mypy does not follow shapes


@functools.lru_cache(maxsize=64)
def standard_draws(entries: int, number: int, noise: Noise) -> Array:
    """Noise, `number` × `entries`; for large scales its continuous limit."""
    return draws_of(np.random.default_rng(20_240_501), (number, entries), noise)


def draws_of(generator: np.random.Generator, shape: tuple[int, int], noise: Noise) -> Array:
    """Noise as a release would have it, for simulation alone."""
    return _gaussian(generator, shape, noise) if noise.gaussian else _laplace(generator, shape, noise)


def _laplace(generator: np.random.Generator, shape: tuple[int, int], noise: Noise) -> Array:
    if noise.scale > 1e6:
        return generator.laplace(0.0, noise.scale, shape)
    success = -np.expm1(-1.0 / noise.scale)
    one, other = (generator.geometric(success, shape) for _ in range(2))
    return (one - other).astype(float)


def _gaussian(generator: np.random.Generator, shape: tuple[int, int], noise: Noise) -> Array:
    if noise.scale > EXACTLY:
        return np.round(generator.normal(0.0, noise.scale, shape))
    reach = int(np.ceil(12 * noise.scale)) + 1
    values = np.arange(-reach, reach + 1)
    masses = np.exp(-(values**2) / (2 * noise.scale**2))
    return generator.choice(values, shape, p=masses / masses.sum()).astype(float)


def half_widths(function: Callable[[Array], Array], noisy: Array, noise: Noise, confidence: float) -> Array:
    """Half-width per cell (and result) for `function`, which maps (…, cells, entries) to (…, cells[, results])."""
    cells, entries = noisy.shape
    number = max(FEWEST, min(DRAWS, ALL // max(1, entries * cells), 4 * NUMBERS // max(1, entries)))
    draws = standard_draws(entries, number, noise)
    # One standard error of a simulated quantile more: few draws make an interval wider, not wrong.
    level = min(confidence + (confidence * (1 - confidence) / number) ** 0.5, 1.0)
    step = max(1, NUMBERS // (number * entries))
    found = []
    for start in range(0, cells, step):
        block = noisy[start : start + step]
        centre = function(block)
        moved = function(block[None, :, :] + draws[:, None, :])
        found.append(np.quantile(np.abs(moved - centre[None]), level, axis=0))
    return np.concatenate(found)
