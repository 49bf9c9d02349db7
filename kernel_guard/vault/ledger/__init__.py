"""The privacy ledger: exact accounts, reservations that survive a crash, stored releases."""

from kernel_guard.vault.ledger.ledger import CHECKPOINTS, Ledger
from kernel_guard.vault.ledger.reconcile import reconcile
from kernel_guard.vault.ledger.records import BudgetView, ReleaseRecord, Replay, Reservation, Settlement
from kernel_guard.vault.ledger.scopes import Scope

__all__ = [
    "CHECKPOINTS",
    "BudgetView",
    "Ledger",
    "ReleaseRecord",
    "Replay",
    "Reservation",
    "Scope",
    "Settlement",
    "reconcile",
]
