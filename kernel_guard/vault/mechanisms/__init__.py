"""Differentially private mechanisms: the only home of OpenDP. `price` before rows are touched, `protect_dp` after."""

from kernel_guard.vault.mechanisms.plan_cost import price
from kernel_guard.vault.mechanisms.pricing import MeasurePrice, Pricing
from kernel_guard.vault.mechanisms.protect import protect_dp

__all__ = ["MeasurePrice", "Pricing", "price", "protect_dp"]
