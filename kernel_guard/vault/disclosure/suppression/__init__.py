"""Secondary suppression: which further cells must be masked so that no masked cell can be worked back from totals."""

from kernel_guard.vault.disclosure.suppression.audit import Interval, audit
from kernel_guard.vault.disclosure.suppression.protect import Suppression, suppress
from kernel_guard.vault.disclosure.suppression.table import Linear

__all__ = ["Interval", "Linear", "Suppression", "audit", "suppress"]
