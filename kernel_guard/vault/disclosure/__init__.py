"""Disclosure control: what may stand in a result. Pure functions of partials and policy."""

from kernel_guard.vault.disclosure.result import Result, ResultColumn, Rule
from kernel_guard.vault.disclosure.sdc import protect_sdc

__all__ = ["Result", "ResultColumn", "Rule", "protect_sdc"]
