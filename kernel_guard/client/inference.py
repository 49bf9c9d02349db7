"""Tests on released numbers, valid under the noise. Free.

- Pure functions of a release: nothing is asked of the data, nothing is spent, and everybody who has the release gets
  the same answer.
- The noise is part of the null distribution: patients and noise are both simulated. A p-value that ignores the noise
  would be too small (Gaboardi, Lim, Rogers, Vadhan 2016).
- The scale of the noise is read from the stated error, rounded so that it is never taken for smaller than it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from kernel_guard.client import display
from kernel_guard.errors import PlanError

if TYPE_CHECKING:
    import numpy as np

DRAWS = 4000
SEED = 20_240_501  # public: the same release gives the same p-value again


@dataclass(frozen=True)
class Inference:
    """One derived number with its interval or p-value, and the release that it comes from."""

    name: str
    value: float
    lower: float | None
    upper: float | None
    p_value: float | None
    release_id: str

    def __repr__(self) -> str:
        parts = [f"{self.name} {display.figure(self.value)}"]
        if self.lower is not None and self.upper is not None:
            parts.append(f"(95%: {display.figure(self.lower)} to {display.figure(self.upper)})")
        if self.p_value is not None:
            parts.append(f"p = {self.p_value:.3g}")
        return f"{' '.join(parts)} · sampling and noise · from release {self.release_id}"


def chi_square(release: Any) -> Inference:
    """Pearson's test of independence on a released cross tab of two keys, valid under the noise."""
    table, noise = _table(release)
    statistic = float(_pearson(table))
    return Inference("chi-square", statistic, None, None, _p_value(table, noise, _pearson), release.release_id)


def rank_test(release: Any) -> Inference:
    """Whether one group has larger values than another, on a released cross tab of a group and ordered intervals.

    The second key's values are taken in the order of the release (that of `.hist()` and of declared categories). Two
    groups: Mann and Whitney's test, its value the chance that one of the second group is above one of the first, ties
    half. More: Kruskal and Wallis's test. Values within an interval are ties. Valid under the noise.
    """
    table, noise = _table(release)
    p_value = _p_value(table, noise, _kruskal_wallis)
    if len(table) > 2:
        return Inference("Kruskal-Wallis", float(_kruskal_wallis(table)), None, None, p_value, release.release_id)
    return Inference("chance to be above", float(_above(table)), None, None, p_value, release.release_id)


def t_test(release: Any) -> Inference:
    """Welch's test of two means, from a release of number, mean and standard deviation by a key with two values.

    The variance of the noise on each mean is added to its sampling variance; both are read as normal, so that it needs
    some thirty patients in each group.
    """
    import numpy as np
    import pandas as pd

    statement = release.statement
    flat = pd.DataFrame(statement["rows"], columns=[c["name"] for c in statement["columns"]])
    names = [c["name"] for c in statement["columns"] if c["role"] == "value"]
    errors = {c["of"]: c["name"] for c in statement["columns"] if c["role"] == "error"}
    if len(flat) != 2 or len(names) != 3 or flat[names].isna().any(axis=None):
        raise PlanError(
            "This needs number, mean and standard deviation of two groups, in this order.",
            hint="frame.groupby('sex').agg(n='patients', mean=('age', 'mean'), sd=('age', 'std')).release(epsilon=1)",
        )
    number, mean, spread = (flat[name].to_numpy(dtype=float) for name in names)
    confidence = float(statement.get("confidence") or 0.95)
    width = flat[errors[names[1]]].to_numpy(dtype=float) if names[1] in errors else np.zeros(2)
    # The half-width of a normal at the stated confidence, in standard deviations.
    noise = np.nan_to_num(width) / NormalDist().inv_cdf((1 + confidence) / 2)
    error = float(np.sqrt((spread**2 / np.maximum(number, 1.0) + noise**2).sum()))
    difference = float(mean[0] - mean[1])
    p_value = 2 * (1 - NormalDist().cdf(abs(difference) / max(error, 1e-300)))
    reach = error * NormalDist().inv_cdf(0.975)
    return Inference("difference", difference, difference - reach, difference + reach, p_value, release.release_id)


@dataclass(frozen=True)
class _Noise:
    """The noise on every cell, as its stated error has it; never taken for smaller than it is."""

    scale: float
    gaussian: bool

    def draws(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Any:
        import numpy as np

        if not self.scale:
            return np.zeros(shape)
        draw = generator.normal if self.gaussian else generator.laplace
        return np.round(draw(0.0, self.scale, shape))


def _table(release: Any) -> tuple[Any, _Noise]:
    """A released cross tab as numbers, without its totals, and its noise."""
    import pandas as pd

    statement = release.statement
    keys = [c for c in statement["columns"] if c["role"] == "key"]
    values = [c for c in statement["columns"] if c["role"] == "value"]
    if len(keys) != 2 or len(values) != 1 or values[0]["type"] != "integer":
        raise PlanError(
            "This needs one released count by two keys.",
            hint="Such as frame.groupby(['sex', 'died']).count_patients().release(epsilon=1).",
        )
    flat = pd.DataFrame(statement["rows"], columns=[c["name"] for c in statement["columns"]])
    flat = flat.dropna(subset=[key["name"] for key in keys])
    if flat[values[0]["name"]].isna().any():
        raise PlanError("A cell of this table is masked.", hint="Release it with epsilon=, or with coarser groups.")
    wide = flat.pivot_table(index=keys[0]["name"], columns=keys[1]["name"], values=values[0]["name"], sort=False)
    error = next((c["name"] for c in statement["columns"] if c["role"] == "error"), None)
    width = float(flat[error].max()) if error and flat[error].notna().all() else 0.0
    return wide.to_numpy(dtype=float), _noise(statement, width)


def _noise(statement: Mapping[str, Any], width: float) -> _Noise:
    """The scale from the half-width: one half-width more than a whole number may have been rounded down to."""
    confidence = float(statement.get("confidence") or 0.95)
    gaussian = "rho" in (statement.get("cost") or {})
    reach = NormalDist().inv_cdf((1 + confidence) / 2) if gaussian else -math.log(1.0 - confidence)
    return _Noise((width + 1.0) / reach if width else 0.0, gaussian)


def _p_value(table: Any, noise: _Noise, statistic: Callable[[Any], Any]) -> float:
    """How often a table of independent keys, with the same margins and the same noise, shows at least as much."""
    import numpy as np

    found = float(statistic(table))
    shares = _margins(np.maximum(table, 0.5))
    number = max(1, round(float(table.sum())))
    generator = np.random.default_rng(SEED)
    null = generator.multinomial(number, shares.ravel() / shares.sum(), DRAWS).reshape(DRAWS, *table.shape)
    noisy = np.maximum(null + noise.draws(generator, null.shape), 0.0)
    return (1 + int((statistic(noisy) >= found).sum())) / (1 + DRAWS)


def _margins(table: Any) -> Any:
    """The shares of the cells if rows and columns were independent; over the last two axes."""
    whole = table.sum(axis=(-2, -1), keepdims=True)
    return table.sum(axis=-1, keepdims=True) * table.sum(axis=-2, keepdims=True) / whole**2


def _pearson(table: Any) -> Any:
    import numpy as np

    whole = np.maximum(table.sum(axis=(-2, -1), keepdims=True), 1.0)
    expected = np.maximum(_margins(np.maximum(table, 1e-9)) * whole, 0.5)
    return ((table - expected) ** 2 / expected).sum(axis=(-2, -1))


def _kruskal_wallis(table: Any) -> Any:
    """The spread of the groups' mean ranks over that of all ranks; of two groups the square of Mann and Whitney's z."""
    import numpy as np

    groups, columns = table.sum(axis=-1), table.sum(axis=-2)
    whole = np.maximum(columns.sum(axis=-1, keepdims=True), 1.0)
    ranks = (np.cumsum(columns, axis=-1) - columns / 2) / whole - 0.5
    means = (table * ranks[..., None, :]).sum(axis=-1) / np.maximum(groups, 1.0)
    spread = (columns * ranks**2).sum(axis=-1) / whole[..., 0]
    return (groups * means**2).sum(axis=-1) / np.maximum(spread, 1e-12)


def _above(table: Any) -> Any:
    """The chance that one of the second row is further right than one of the first, ties half."""
    import numpy as np

    first, second = table / np.maximum(table.sum(axis=-1, keepdims=True), 1.0)
    return (second * (np.cumsum(first) - first / 2)).sum()
