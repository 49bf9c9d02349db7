"""Disclosure control: what may stand in an exact result. Pure functions of evidence and rule packs."""

from kernel_guard.vault.disclosure.result import Result, ResultColumn, Rule

__all__ = ["Result", "ResultColumn", "Rule"]
