"""The statistics of one column, for a frame's column and for a grouped one alike.

- A subclass says where the column stands (`_target`); each verb makes a question and asks nothing yet.
- A smallest and a largest value are single patients: they are answered as the 1st and 99th percentile, with a warning.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kernel_guard.client import measures
from kernel_guard.client.scope import Scope

if TYPE_CHECKING:
    from kernel_guard.client.query import Query
    from kernel_guard.plan.schema import Scalar

LOW, HIGH = 0.01, 0.99
BOX = (0.05, 0.25, 0.5, 0.75, 0.95)


class Statistics:
    """What can be asked about one column."""

    def _target(self) -> tuple[Scope, str, measures.Keys | None]:
        raise AssertionError

    def mean(self) -> Query:
        """The mean; needs bounds.

        >>> person["year_of_birth"].mean().words
        'Mean of year_of_birth, of person.'
        """
        return measures.mean(*self._target())

    def sum(self) -> Query:
        """The sum; needs bounds.

        >>> visit.groupby("kind")["cost"].sum().words
        'Sum of cost by kind, of visit.'
        """
        return measures.total(*self._target())

    def var(self) -> Query:
        """The sample variance; needs bounds.

        >>> person["year_of_birth"].var().words
        'Variance of year_of_birth, of person.'
        """
        return measures.variance(*self._target())

    def std(self) -> Query:
        """The sample standard deviation; needs bounds.

        >>> person.groupby("sex")["year_of_birth"].std().words
        'Standard deviation of year_of_birth by sex, of person.'
        """
        return measures.variance(*self._target(), root=True)

    def median(self) -> Query:
        """The median; needs bounds.

        >>> person["year_of_birth"].median().words
        'Median of year_of_birth, of person.'
        """
        return self.quantile(0.5)

    def quantile(self, q: float | Sequence[float] = 0.5, *, interval: bool = True) -> Query:
        """The q-quantile, 0 < q < 1, or several at once, in order; needs bounds.

        Half of the cost goes to an interval of values; `interval=False` spends all on the quantile and states ranks.

        >>> person["year_of_birth"].quantile(0.9).words
        '0.9 quantile of year_of_birth, of person.'
        >>> [m.name for m in person["year_of_birth"].quantile([0.25, 0.5, 0.75]).plan.measures]
        ['q25_year_of_birth', 'median_year_of_birth', 'q75_year_of_birth']
        """
        return measures.quantiles(*self._target(), [q] if isinstance(q, (int, float)) else list(q), interval=interval)

    def box(self) -> Query:
        """What a box plot shows, without single rows: the 5th, 25th, 50th, 75th and 95th percentile.

        Draw it with `kg.boxplot(released)`.

        >>> visit["cost"].box().words[:32]
        '0.05 quantile of cost and 0.25 q'
        """
        return self.quantile(list(BOX))

    def min(self) -> Query:
        """The 1st percentile, with a warning: the smallest value is one patient's and is never released."""
        _warn("smallest", "1st", LOW)
        return self.quantile(LOW)

    def max(self) -> Query:
        """The 99th percentile, with a warning: the largest value is one patient's and is never released."""
        _warn("largest", "99th", HIGH)
        return self.quantile(HIGH)

    def cov(self, other: str) -> Query:
        """The sample covariance with another column, over rows that have both; needs bounds.

        >>> visit.derive(twice=visit["cost"] * 2)["cost"].cov("twice").words
        'Covariance of cost and twice, of visit with twice = (cost × 2).'
        """
        return measures.covariance(*self._target(), other)

    def corr(self, other: str) -> Query:
        """Pearson's correlation with another column, over rows that have both; needs bounds."""
        return measures.covariance(*self._target(), other, scaled=True)

    def top(self, k: int = 10, values: Iterable[Scalar] | None = None) -> Query:
        """The k values that most patients have, of the declared ones or of a public list, with their numbers.

        >>> visit["kind"].top(1).words
        'The 1 most frequent of 2 values of kind, by patients, of visit.'
        """
        return measures.top(*self._target(), k, values)

    def nunique(self) -> Query:
        """How many of the declared values occur.

        >>> visit["kind"].nunique().words
        'Number of distinct values of kind, of visit.'
        """
        return measures.distinct(*self._target())


def _warn(what: str, place: str, q: float) -> None:
    warnings.warn(
        f"The {what} value belongs to one patient and is never released; this asks for the {place} percentile. "
        f"Write .quantile({q}) to say so.",
        stacklevel=3,
    )
