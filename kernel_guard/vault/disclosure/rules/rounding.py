"""Rounding: counts first, everything else from the rounded counts, so that nothing unrounded can be worked back."""

from __future__ import annotations

from fractions import Fraction

from kernel_guard.vault.disclosure.pack import RulePack

NAME = "rounding"


def rounded(count: int, pack: RulePack) -> int:
    """A count as it is published.

    nearest: the nearest multiple of the base, the middle goes up. midpoint: the middle of the count's run of `base`
    (1 to 6 → 3, 7 to 12 → 9); 0 stays 0.
    """
    base = pack.rounding
    if base <= 1 or count == 0:
        return count
    if pack.rounding_form == "midpoint":
        return (count + base - 1) // base * base - base // 2
    return (2 * count + base) // (2 * base) * base


def shown(value: Fraction | float, digits: int) -> float:
    """A derived number with so many significant digits."""
    return float(f"{float(value):.{digits - 1}e}")


def detail(pack: RulePack) -> str:
    form = "to the middle of each run of" if pack.rounding_form == "midpoint" else "to multiples of"
    return f"counts {form} {pack.rounding}, then derived numbers"
