"""Numbers derived from released ones: shares, rates, odds and risk ratios, standardised rates.

- Only what was published goes in, so nothing comes out that could not be worked out from it anyway: round first,
  derive after. Masked numbers make masked results.
- The results are ordinary pandas objects or floats; they carry no badge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

ALL = "All"  # the label of a total


class Ratio(NamedTuple):
    """A ratio with its 95 % interval from the published counts; masked where one of them is."""

    value: Any
    low: Any
    high: Any


def percent(counts: Any) -> Any:
    """Shares of the whole in per cent, of released counts (a column, or a table by its columns)."""
    inner = _without_totals(_ordinary(counts))
    return 100 * inner / inner.sum()


def rate(events: Any, time: Any, per: float = 1000.0) -> Any:
    """Events per so much person-time, both released."""
    return events / time * per


def standardised_rate(events: pd.Series[Any], time: pd.Series[Any], standard: Mapping[Any, float]) -> Any:
    """Directly standardised rate: rates of the strata weighted by a public standard population."""
    rates, total = events / time, math.fsum(standard.values())
    parts = [rates[stratum] * (weight / total) for stratum, weight in standard.items()]
    return sum(parts[1:], parts[0])


def risk_ratio(table: Any) -> Ratio:
    """Of a released 2 × 2 table (rows exposed, then not; columns with the event, then without)."""
    a, b, c, d = _four(table)
    return _log_interval((a / (a + b)) / (c / (c + d)), (a, a + b, c, c + d), (1, -1, 1, -1))


def odds_ratio(table: Any) -> Ratio:
    """Of a released 2 × 2 table."""
    a, b, c, d = _four(table)
    return _log_interval((a * d) / (b * c), (a, b, c, d), (1, 1, 1, 1))


def risk_difference(table: Any) -> Any:
    """Of a released 2 × 2 table."""
    a, b, c, d = _four(table)
    return a / (a + b) - c / (c + d)


def _log_interval(value: Any, counts: tuple[Any, ...], signs: tuple[int, ...]) -> Ratio:
    """Wald's interval on the logarithm."""
    if not isinstance(value, float):  # masked: it has no logarithm
        return Ratio(value, value, value)
    spread = math.exp(1.959964 * math.sqrt(sum(sign / n for sign, n in zip(signs, counts, strict=True))))
    return Ratio(value, value / spread, value * spread)


def _four(table: Any) -> tuple[Any, ...]:
    inner = _without_totals(_ordinary(table))
    if inner.shape != (2, 2):
        raise ValueError("This needs a table of two rows and two columns.")
    numbers = [inner.iloc[row, column] for row in (0, 1) for column in (0, 1)]
    return tuple(v if type(v).__name__ == "Masked" else float(v) for v in numbers)


def _ordinary(table: Any) -> Any:
    return table.plain() if hasattr(table, "plain") else table


def _without_totals(table: Any) -> Any:
    kept = table.drop(index=ALL) if ALL in table.index else table
    return kept.drop(columns=ALL) if ALL in getattr(kept, "columns", ()) else kept
