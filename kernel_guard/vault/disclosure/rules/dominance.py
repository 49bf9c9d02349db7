"""Dominance: where a few patients make up most of a total, the total tells about them.

- (n,k): the n largest patients may make up at most k per cent of a cell.
- p%: the second largest patient, who knows their own part, must not be able to estimate the largest one's more closely
  than p per cent: what remains beside the two must be at least p per cent of the largest.
- A patient's part is the absolute value of their own total, so that negative values cannot hide a large one; for
  counts of rows it is their number of rows.
"""

from __future__ import annotations

import numpy as np

from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.engine.evidence import CellEvidence, Floats

NAME = "dominance"


def dominated(cell: CellEvidence, pack: RulePack) -> Mask:
    """Cells that fail (n,k) or p%."""
    return nk(cell, pack) | p_percent(cell, pack)


def nk(cell: CellEvidence, pack: RulePack) -> Mask:
    largest = cell.largest[:, : pack.dominance_patients].sum(axis=1)
    return (cell.absolute > 0) & (largest * 100 > pack.dominance_share * cell.absolute * (1 + 1e-12))


def p_percent(cell: CellEvidence, pack: RulePack) -> Mask:
    rest = cell.absolute - cell.largest[:, 0] - cell.largest[:, 1]
    return (cell.absolute > 0) & (rest * 100 < pack.p_percent * cell.largest[:, 0] * (1 - 1e-12))


def margins(cell: CellEvidence, pack: RulePack) -> tuple[Floats, Floats]:
    """How far a masked sum must be able to move up and down (in steps), after the p% and (n,k) rules.

    Protection levels of Hundepool et al. (2012), Statistical Disclosure Control, section 4.2; a cell of too few
    patients gets p per cent of its total.
    """
    first, second = cell.largest[:, 0], cell.largest[:, 1]
    by_p = pack.p_percent / 100 * first - (cell.absolute - first - second)
    top = cell.largest[:, : pack.dominance_patients].sum(axis=1)
    by_nk = 100 / pack.dominance_share * top - cell.absolute
    amount = np.maximum.reduce([by_p, by_nk, pack.p_percent / 100 * cell.absolute, np.ones(len(first))])
    return amount, amount


def detail(pack: RulePack) -> str:
    n, k = pack.dominance_patients, pack.dominance_share
    hidden = f"the rest hides the largest by {pack.p_percent} %"
    return f"the largest {n} patients make up at most {k} % of a total, and {hidden}"


def reason(pack: RulePack) -> str:
    return f"masked: fewer than {pack.threshold} patients, or a few make up most of it"
