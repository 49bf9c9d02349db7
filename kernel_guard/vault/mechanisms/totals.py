"""A table of counts with its totals: what is measured, and one table that fits all of it.

The inner cells are measured, and each kind of total (over one key, over several, over all) may be measured too, at a
share of the loss. Every total is the sum of bounded inner cells, so that nothing is asked of the engine but those.

- The best linear fit (weighted least squares) is exact and quick: the space of tables is a sum of effects, one for each
  set T of keys (as in analysis of variance). The marginal over the keys S knows of an effect T ⊆ S, with precision
  Π_{i∉S} nᵢ / σ_S²; what several marginals know is averaged by precision (Li, Miklau, Hay, McGregor, Rastogi 2015;
  Xiao, He, Zhang, Kifer 2023).
- Then no cell is negative: the closest table with the same grand total. Cells are whole numbers and totals their sums.
- What is measured is chosen by the least sum of squared errors over all numbers of the table: few totals are worth a
  share where the table is small.
- Error bars are simulated through all of it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kernel_guard.vault.mechanisms.accuracy import Noise
from kernel_guard.vault.mechanisms.loss import Loss
from kernel_guard.vault.mechanisms.noise import Sensitivity, add_noise, noise_of
from kernel_guard.vault.mechanisms.simulate import NUMBERS, draws_of

Array = Any
Keys = tuple[int, ...]
SHARES = (1, 3, 7)  # how much of the loss the cells may have, for one part that all totals share
DRAWS = 2000


@dataclass(frozen=True)
class Marginal:
    """One measured table: the sums of the inner cells over all keys but `kept`."""

    kept: Keys
    sensitivity: Sensitivity
    loss: Loss

    @property
    def noise(self) -> Noise:
        return noise_of(self.sensitivity, self.loss)


@dataclass(frozen=True)
class Totals:
    """What is measured of a table of this shape; `unit` is one whole count."""

    shape: tuple[int, ...]
    marginals: tuple[Marginal, ...]
    unit: int

    @property
    def loss(self) -> Loss:
        """What all of it costs."""
        one = self.marginals[0].loss
        return Loss(sum((m.loss.amount for m in self.marginals[1:]), one.amount), one.divergence)

    def measured(self, cells: Sequence[int]) -> dict[Keys, Array]:
        """The noisy marginals, at a cost of `loss`.

        Privacy unit: one patient with all their rows.
        Sensitivity: that of the inner cells in L1 for each kind of total, since summing brings neighbours no further
            apart in L1; in L2 at most as much as in L1, since all of a patient's cells may be in one total.
        Mechanism: the noise of the inner cells on every marginal that is measured; their losses add up. The fitted
            table is post-processing. ε-DP, or ρ-zCDP.
        Source: marginals and consistency, Barak, Chaudhuri, Dwork, Kale, McSherry, Talwar (2007).
        OpenDP: `make_laplace` (L1 distance) or `make_gaussian` (L2 distance) on a vector domain of 64-bit integers.
        """
        table = np.array(cells, dtype=object).reshape(self.shape)
        found = {}
        for m in self.marginals:
            exact = [int(v) for v in np.ravel(table.sum(axis=_others(m.kept, self.shape)))]
            found[m.kept] = np.array(add_noise(exact, m.sensitivity, m.loss), dtype=float) / self.unit
        return found

    def fitted(self, measured: Mapping[Keys, Array]) -> Array:
        """The closest table of whole numbers, none below zero; leading axes run over simulated noise."""
        keys = len(self.shape)
        return whole_numbers(_non_negative(self._least_squares(measured), keys), keys)

    def every(self, table: Array) -> Array:
        """Inner cells and all totals along the last axis, in the order of `Layout.cells`."""
        axes = tuple(range(-len(self.shape), 0))
        for axis in axes:
            table = np.concatenate([table, table.sum(axis=axis, keepdims=True)], axis=axis)
        flat = table.reshape(*table.shape[: -len(self.shape)], -1)
        return flat[..., self._order]

    def errors(self, table: Array, confidence: float) -> Array:
        """Half-widths of all numbers of a fitted table: the noise is drawn again around it."""
        size = math.prod(self.shape)
        number = max(200, min(DRAWS, NUMBERS // size))
        generator = np.random.default_rng(20_240_501)
        noisy = {}
        for m in self.marginals:
            exact = table.sum(axis=_others(m.kept, self.shape)).ravel()
            noisy[m.kept] = exact + draws_of(generator, (number, len(exact)), m.noise) / self.unit
        moved = np.abs(self.every(self.fitted(noisy)) - self.every(table))
        level = min(confidence + (confidence * (1 - confidence) / number) ** 0.5, 1.0)
        return np.quantile(moved, level, axis=0)

    def variances(self) -> dict[Keys, float]:
        """The variance of one number of each marginal in the linear fit."""
        precision = self._precision
        return {
            kept: sum(
                math.prod(self.shape[i] - 1 for i in effect) / precision[effect] for effect in _subsets(kept)
            ) * math.prod(self.shape[i] for i in _others(kept, self.shape)) / math.prod(self.shape[i] for i in kept)
            for kept in _subsets(tuple(range(len(self.shape))))
        }  # fmt: skip

    def squared_error(self) -> float:
        """The sum of the variances of all numbers of the table."""
        return sum(v * math.prod(self.shape[i] for i in kept) for kept, v in self.variances().items())

    @cached_property
    def _precision(self) -> dict[Keys, float]:
        """What is known of each effect: the sum over the marginals that see it."""
        found = dict.fromkeys(_subsets(tuple(range(len(self.shape)))), 0.0)
        for m in self.marginals:
            known = math.prod(self.shape[i] for i in _others(m.kept, self.shape))
            for effect in _subsets(m.kept):
                found[effect] += known / (m.noise.deviation / self.unit) ** 2
        return found

    @cached_property
    def _order(self) -> Array:
        """Places in the table with totals: inner cells first, then totals."""
        inner = np.zeros(tuple(n + 1 for n in self.shape), dtype=bool)
        inner[tuple(slice(0, n) for n in self.shape)] = True
        return np.concatenate([np.flatnonzero(inner), np.flatnonzero(~inner)])

    def _least_squares(self, measured: Mapping[Keys, Array]) -> Array:
        known = {m.kept: (m.noise.deviation / self.unit) ** -2 for m in self.marginals}
        whole: Array = 0.0
        for kept, values in measured.items():
            lead = values.shape[:-1]
            table = values.reshape(*lead, *(n if i in kept else 1 for i, n in enumerate(self.shape)))
            for effect in _subsets(kept):
                part = _effect(table, effect, len(self.shape))
                whole = whole + part * (known[kept] / self._precision[effect])
        return np.broadcast_to(whole, (*np.shape(whole)[: -len(self.shape)], *self.shape))


def totals_of(shape: tuple[int, ...], cells: Sensitivity, unit: int, loss: Loss) -> Totals:
    """What to measure of a table, for the least sum of squared errors."""
    together = Sensitivity(cells.one, max(cells.two, cells.one**2))
    every = tuple(range(len(shape)))
    fewer = [kept for kept in _subsets(every) if kept != every]
    found = [Totals(shape, (Marginal(every, cells, loss),), unit)]
    for share in SHARES:
        whole = (share + 1) * len(fewer)
        inner = Marginal(every, cells, loss.part(share * len(fewer), whole))
        outer = (Marginal(kept, together, loss.part(1, whole)) for kept in fewer)
        found.append(Totals(shape, (inner, *outer), unit))
    return min(found, key=lambda t: t.squared_error())


def whole_numbers(table: Array, keys: int) -> Array:
    """Whole numbers whose sums over any run of cells differ from the table's by less than one."""
    flat = np.round(np.cumsum(table.reshape(*table.shape[: table.ndim - keys], -1), axis=-1))
    return np.diff(flat, prepend=0.0, axis=-1).reshape(table.shape)


def _effect(table: Array, effect: Keys, keys: int) -> Array:
    """The part of a table that varies with just these keys; a key that was summed over is spread evenly."""
    for i in range(keys):
        mean = table.mean(axis=i - keys, keepdims=True)
        table = table - mean if i in effect else mean
    return table


def _non_negative(table: Array, keys: int) -> Array:
    """The closest table without negative numbers and with the same total (0 where that is negative).

    Projection on the simplex (Held, Wolfe, Crowder 1974): one number is taken off every cell.
    """
    flat = table.reshape(*table.shape[: table.ndim - keys], -1)
    total = np.maximum(flat.sum(axis=-1, keepdims=True), 0.0)
    falling = -np.sort(-flat, axis=-1)
    excess = (np.cumsum(falling, axis=-1) - total) / np.arange(1, flat.shape[-1] + 1)
    last = np.sum(falling > excess, axis=-1, keepdims=True) - 1
    taken = np.take_along_axis(excess, np.maximum(last, 0), axis=-1)
    return np.maximum(flat - taken, 0.0).reshape(table.shape)


def _subsets(keys: Keys) -> list[Keys]:
    return [kept for size in range(len(keys) + 1) for kept in itertools.combinations(keys, size)]


def _others(kept: Keys, shape: tuple[int, ...]) -> Keys:
    return tuple(i for i in range(len(shape)) if i not in kept)
