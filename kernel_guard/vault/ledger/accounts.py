"""Privacy accounts: what each scope may spend, has reserved and has spent.

- A cost is held in all scopes of a question or in none: the study's (all projects together), the project's and
  the person's.
- An account counts in pure ε (and δ), or in ρ (zCDP), as its cap says; it takes that part of a cost alone.
- A scope without an account has nothing to spend: a forgotten setting refuses, it does not allow.
- Callers hold the write lock; on PostgreSQL the rows are locked in one fixed order.
- The database checks `reserved + spent <= cap` again by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import BudgetExceeded, ConfigError, StoreError
from kernel_guard.trust.store import Row, Transaction
from kernel_guard.trust.store.tables import accounts
from kernel_guard.vault.ledger.amounts import Amount
from kernel_guard.vault.ledger.records import BudgetView
from kernel_guard.vault.ledger.scopes import Kind, Scope


@dataclass(frozen=True)
class Account:
    """A scope's amounts at one moment."""

    scope: Scope
    cap: Amount
    reserved: Amount
    spent: Amount

    @property
    def left(self) -> Amount:
        return self.cap - self.reserved - self.spent

    def takes(self, amount: Amount) -> Amount:
        """What this account counts of an amount."""
        return amount.taken_from(self.cap)


def read(tx: Transaction, scope: Scope) -> Account:
    """A scope's account; all zero where none was opened. Locks the row where the database can."""
    row = tx.execute(accounts.select().where(*_is(scope))).mappings().one_or_none()
    return _account(scope, row) if row is not None else Account(scope, Amount(), Amount(), Amount())


def set_cap(tx: Transaction, scope: Scope, cap: Amount) -> None:
    """Open an account or change its cap, which cannot fall below what is spent and reserved."""
    if tx.execute(accounts.select().where(*_is(scope))).one_or_none() is None:
        key = {"kind": scope.kind.value, "study": scope.study, "subject": scope.subject}
        tx.execute(accounts.insert().values(**key, **_values(Account(scope, cap, Amount(), Amount()))))
        return
    account = read(tx, scope)
    used = account.reserved + account.spent
    if used and bool(used.rho) != bool(cap.rho):
        raise ConfigError(
            f"The budget for {scope.words()} was partly spent in another way of counting.",
            hint="Keep the accounting of a data set as it is, or bring the data in under a new name.",
        )
    if not used.fits(cap):
        raise ConfigError(
            f"The budget for {scope.words()} cannot fall below what is used: {used}.",
            hint="Set it to that amount to stop further spending.",
        )
    tx.execute(
        accounts.update().where(*_is(scope)).values(epsilon_cap=cap.epsilon, delta_cap=cap.delta, rho_cap=cap.rho)
    )


def hold(tx: Transaction, scopes: Iterable[Scope], amount: Amount) -> None:
    """Reserve `amount` in every scope, or raise `BudgetExceeded` naming the tightest."""
    if not amount:
        return
    found = [read(tx, scope) for scope in scopes]
    short = [account for account in found if not account.takes(amount).fits(account.left)]
    if short:
        tightest = min(short, key=lambda a: (a.left.epsilon, a.left.delta, a.left.rho))
        raise _exceeded(tightest, tightest.takes(amount))
    for account in found:
        reserved = account.reserved + account.takes(amount)
        _write(tx, Account(account.scope, account.cap, reserved, account.spent))


def charge(tx: Transaction, scopes: Iterable[Scope], amount: Amount) -> None:
    """Turn a held amount into a spent one."""
    if amount:
        for account in [read(tx, scope) for scope in scopes]:
            taken = account.takes(amount)
            reserved, spent = account.reserved - taken, account.spent + taken
            _write(tx, Account(account.scope, account.cap, reserved, spent))


def give_back(tx: Transaction, scopes: Iterable[Scope], amount: Amount) -> None:
    """Undo `hold`: allowed only while no row was read."""
    if amount:
        for account in [read(tx, scope) for scope in scopes]:
            reserved = account.reserved - account.takes(amount)
            _write(tx, Account(account.scope, account.cap, reserved, account.spent))


def view(own: Account, others: Iterable[Account]) -> BudgetView:
    """A project's account, with what is left in the tightest of all scopes."""
    every = (own, *others)
    tightest = min(every, key=lambda a: (a.left.epsilon, a.left.delta, a.left.rho))
    left = Amount(*(min(getattr(a.left, name) for a in every) for name in ("epsilon", "delta", "rho")))
    return BudgetView(
        granted=own.cap.budget(),
        spent=own.spent.budget(),
        reserved=own.reserved.budget(),
        left=left.budget(),
        limited_by=tightest.scope.kind.value,
    )


def every(tx: Transaction) -> tuple[Account, ...]:
    """All accounts, in a fixed order."""
    key = (accounts.c.study, accounts.c.kind, accounts.c.subject)
    rows = tx.execute(accounts.select().order_by(*key)).mappings().all()
    return tuple(_account(Scope(Kind(row["kind"]), row["study"], row["subject"]), row) for row in rows)


def _is(scope: Scope) -> tuple[Any, ...]:
    return (
        accounts.c.kind == scope.kind.value,
        accounts.c.study == scope.study,
        accounts.c.subject == scope.subject,
    )


def _account(scope: Scope, row: Row) -> Account:
    cap, reserved, spent = (
        Amount(row[f"epsilon_{name}"], row[f"delta_{name}"], row[f"rho_{name}"])
        for name in ("cap", "reserved", "spent")
    )
    return Account(scope, cap, reserved, spent)


def _values(account: Account) -> dict[str, int]:
    amounts = {"cap": account.cap, "reserved": account.reserved, "spent": account.spent}
    return {f"{unit}_{k}": getattr(a, unit) for k, a in amounts.items() for unit in ("epsilon", "delta", "rho")}


def _write(tx: Transaction, account: Account) -> None:
    changed = tx.execute(accounts.update().where(*_is(account.scope)).values(_values(account))).rowcount
    if changed != 1:
        raise StoreError(f"The account of {account.scope.words()} is missing from the ledger.")


def _exceeded(account: Account, needed: Amount) -> BudgetExceeded:
    return BudgetExceeded(
        f"This question costs {needed}; {account.scope.words()} has {account.left} left.",
        hint="Lower epsilon (the error grows), ask for fewer groups or measures, or ask the data steward for more.",
        details={
            "scope": account.scope.kind.value,
            "study": account.scope.study,
            "needed": needed.public(),
            "left": account.left.public(),
        },
    )
