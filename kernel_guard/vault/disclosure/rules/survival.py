"""Survival curves: each step is a patient, so intervals are put together until enough patients stand behind each.

- All groups have the same steps. At the end of each step every group has, since the step before, the pack's number of
  leavers (events and censored together), none or enough of each kind, and nobody or enough still at risk.
- A group that has no such step by itself is masked, and does not hold up the others.
- Who is left after the last step is reported as that many, and not how they fared later.
- The curves are then computed from the steps alone.
"""

from __future__ import annotations

import numpy as np

from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.engine.evidence import Integers

NAME = "survival steps"


def steps(left: Integers, pack: RulePack) -> list[int]:
    """Which intervals end a step; `left[group, interval, kind]` are patients, the last interval open above."""
    alone = [_ends(group[None], pack) for group in left]
    kept = np.array([bool(ends) for ends in alone], bool)
    return _ends(left[kept], pack) if kept.any() else []


def _ends(left: Integers, pack: RulePack) -> list[int]:
    ends, start = [], 0
    for end in range(1, left.shape[1]):
        step, after = left[:, start:end].sum(axis=1), left[:, end:].sum(axis=(1, 2))
        if not fails(step, after, pack).any():
            ends.append(end - 1)
            start = end
    return ends


def fails(step: Integers, after: Integers, pack: RulePack) -> Mask:
    """Groups in which a step stands for too few; `step[group, kind]` patients left in it, `after[group]` later."""
    least = pack.survival
    few = ((step > 0) & (step < least)).any(axis=1) | ((after > 0) & (after < least))
    return np.asarray(few | (step.sum(axis=1) < least))


def detail(pack: RulePack) -> str:
    return f"each step stands for at least {pack.survival} patients, and as many are at risk"


def reason(pack: RulePack) -> str:
    return f"masked: fewer than {pack.survival} patients behind a step"
