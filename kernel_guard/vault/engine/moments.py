"""Moments as sums that noise hurts least: Bernstein polynomials, which are positive and add up to a constant.

A variance needs n, Σv and Σv²; noise on each of the three would share the privacy cost in three. Instead the engine
sums, for every row with v an integer in −h … h on the grid,

    degree 1:  (h − v), (h + v)                         which add up to 2h
    degree 2:  (h − v)², 2(h − v)(h + v), (h + v)²      which add up to (2h)²

and for two columns the products of one polynomial of each. Whatever the values are, a row adds a constant in all
(`row_of`), so one patient moves the whole vector by that constant for each of their rows in the L1 norm, and one
Laplace scale for the whole serves n and every moment: they are linear in the sums, and `mechanisms` solves for them.

- `components` works on whole numbers and on Ibis columns of whole numbers alike; nothing in it exceeds `row_of`.
- A row counts where no column that the measure reads is missing.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from kernel_guard.plan.aggregates import Covariance, Measure, Rate, Variance


def degrees_of(measure: Measure) -> tuple[int, ...]:
    """The highest power of each column in a measure's moments; empty where it is not made of moments."""
    match measure:
        case Variance():
            return (2,)
        case Covariance():
            return (2, 2) if measure.scaled else (1, 1)
        case Rate():
            return (1, 1)
    return ()


def number_of(degrees: Sequence[int]) -> int:
    """How many sums there are."""
    found = 1
    for degree in degrees:
        found *= degree + 1
    return found if degrees else 0


def row_of(halves: Sequence[int], degrees: Sequence[int]) -> int:
    """What one row adds to all sums together."""
    found = 1
    for half, degree in zip(halves, degrees, strict=True):
        found *= (2 * half) ** degree
    return found


def grid_name(measure: Measure, column: int) -> str:
    """Under which name a request has the grid of a measure's first (0) or second (1) column."""
    return measure.name if column == 0 else f"{measure.name}__second"


def components(values: Sequence[Any], halves: Sequence[int], degrees: Sequence[int]) -> list[Any]:
    """The polynomials of one row; the second column's degree runs fastest."""
    single = [_bernstein(v, h, d) for v, h, d in zip(values, halves, degrees, strict=True)]
    return [_product(terms) for terms in itertools.product(*single)]


def _bernstein(value: Any, half: int, degree: int) -> list[Any]:
    below, above = half - value, value + half
    return [below, above] if degree == 1 else [below * below, 2 * (below * above), above * above]


def _product(terms: Sequence[Any]) -> Any:
    return terms[0] if len(terms) == 1 else terms[0] * terms[1]
