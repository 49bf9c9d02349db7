"""Percentages, ratios, rates and odds: judged by the counts that they hide.

- The numerator, the denominator and what is left of it (the complement) must each pass the minimum count; otherwise the
  ratio and one of them give the others back.
- The ratio is formed from the published, that is rounded, counts.
"""

from __future__ import annotations

from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.rules.minimum import too_few
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.engine.evidence import Integers

NAME = "ratios"


def hides_too_few(numerator: Integers, denominator: Integers, pack: RulePack) -> Mask:
    """Ratios of which a part is too small."""
    return too_few(numerator, pack) | too_few(denominator, pack) | too_few(denominator - numerator, pack)


def detail(pack: RulePack) -> str:
    return f"numerator, denominator and complement have {pack.threshold} patients each"


def reason(pack: RulePack) -> str:
    return f"masked: a part of the ratio has fewer than {pack.threshold} patients"
