"""Minimum count: a number about too few patients tells about each of them."""

from __future__ import annotations

from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.engine.evidence import Integers

NAME = "threshold"


def too_few(patients: Integers, pack: RulePack) -> Mask:
    """Cells with 1 to threshold − 1 patients, and empty ones where the pack masks zeros."""
    return (patients < pack.threshold) & (pack.zeros_masked | (patients > 0))


def detail(pack: RulePack) -> str:
    zeros = "zeros masked too" if pack.zeros_masked else "zeros shown"
    return f"at least {pack.threshold} patients with a value in each cell, {zeros}"


def reason(pack: RulePack) -> str:
    """What stands in the place of a masked number."""
    if pack.zeros_masked:
        return f"masked: fewer than {pack.threshold} patients in it or beside it"
    return f"masked: fewer than {pack.threshold} patients"
