"""Degrees of freedom: a model with almost as many parameters as patients is a table of its patients."""

from __future__ import annotations

from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.engine.evidence import Integers

NAME = "degrees of freedom"


def too_little(patients: Integers, parameters: int, pack: RulePack) -> Mask:
    """Cells that leave fewer residual degrees of freedom than the pack wants, or spend too many on parameters."""
    left = patients - parameters < pack.degrees_of_freedom
    saturated = parameters * 100 > pack.parameter_share * patients
    return (left | saturated) & (patients > 0)


def detail(pack: RulePack) -> str:
    most = pack.parameter_share
    return f"at least {pack.degrees_of_freedom} degrees of freedom left, parameters at most {most} % of patients"


def reason(pack: RulePack) -> str:
    return "masked: too few patients for so many estimated numbers"
