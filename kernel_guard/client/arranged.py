"""A question whose answer is arranged into a table of its own form: Table 1, cohort flow, missing values, correlations.

- Everything in the table is one of the released numbers, or derived from them; masked numbers make masked ones.
- The table is an ordinary pandas object; `.attrs["release"]` names the release behind it.
"""

from __future__ import annotations

from typing import Any

from kernel_guard.client.query import Query
from kernel_guard.client.quote import Explanation, Quote
from kernel_guard.client.together import Together


class Arranged:
    """A question that is complete and not yet asked."""

    def __init__(self, asked: Query | Together) -> None:
        self.asked = asked

    @property
    def words(self) -> str:
        """What is asked, in words."""
        return self.asked.words

    def quote(self, epsilon: object = None, **options: Any) -> Quote:
        """What it would cost, and the error of each of its numbers. Free."""
        return self.asked.quote(epsilon, **options)

    def explain(self) -> Explanation:
        """The question in words, with its price at some ε, and exact."""
        return self.asked.explain()

    def mock(self, seed: int = 0) -> Any:
        """The questions answered from mock rows, to try code on. Their numbers mean nothing."""
        return self.asked.mock(seed)

    def release(self, epsilon: object = None, **options: Any) -> Any:
        """Ask, and arrange the answer; arguments as for any question."""
        found = self.asked.release(epsilon, **options)
        table = self.arrange(found)
        table.attrs["release"] = found.release_id
        return table

    def arrange(self, found: Any) -> Any:
        """The released numbers as a table."""
        return found

    def __repr__(self) -> str:
        return repr(self.asked)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.asked._repr_mimebundle_(include, exclude)


def guarded(values: list[Any]) -> Any:
    """A column of numbers, of which some may be masked."""
    import pandas as pd

    from kernel_guard.client.masked import GuardedArray, Masked

    return pd.Series(GuardedArray(values)) if any(isinstance(v, Masked) for v in values) else pd.Series(values)
