"""Does the ledger add up? Compared: accounts with reservations, charges with the audit log, releases with both.

- Run at start and by an auditor, after `AuditLog.verify_chain`: the chain proves the audit log, this proves the
  ledger against it.
- A finding names what disagrees, in identifiers and amounts only.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from kernel_guard.trust.store import Store, Transaction
from kernel_guard.trust.store.tables import audit_log, releases, reservations
from kernel_guard.vault.ledger import accounts, facts
from kernel_guard.vault.ledger.amounts import Amount
from kernel_guard.vault.ledger.records import reservation_from
from kernel_guard.vault.ledger.scopes import Scope
from kernel_guard.vault.ledger.states import CHARGED, OPEN, State

_BATCH = 1_000


def reconcile(store: Store) -> tuple[str, ...]:
    """Everything that does not add up; empty when the ledger is sound."""
    with store.read() as tx:
        return (*_accounts_findings(tx), *_charge_findings(tx), *_missing_findings(tx))


def _accounts_findings(tx: Transaction) -> Iterator[str]:
    reserved: dict[Scope, Amount] = defaultdict(Amount)
    spent: dict[Scope, Amount] = defaultdict(Amount)
    for row in _batches(tx, reservations, reservations.c.id):
        reservation, state = reservation_from(row), State(row["state"])
        total = reserved if state in OPEN else spent if state in CHARGED else None
        if total is not None and reservation.amount:
            for scope in reservation.scopes:
                total[scope] += reservation.amount
    found = {account.scope: account for account in accounts.every(tx)}
    for scope in sorted({*reserved, *spent, *found}, key=str):
        account = found.get(scope)
        if account is None or not _adds_up(account, reserved[scope], spent[scope]):
            yield f"The account of {scope.words()} does not equal the sum of its reservations."


def _adds_up(account: accounts.Account, reserved: Amount, spent: Amount) -> bool:
    return account.reserved == account.takes(reserved) and account.spent == account.takes(spent)


def _charge_findings(tx: Transaction) -> Iterator[str]:
    joined = reservations.join(audit_log).outerjoin(releases)
    for row in _batches(tx, joined, reservations.c.id):
        reservation = reservation_from({c.name: row[c] for c in reservations.c})
        expected: dict[str, Any] = facts.of_reservation(reservation)
        if row[releases.c.id] is not None:
            statement = hashlib.sha256(row[releases.c.statement].encode()).hexdigest()
            expected |= {"release": row[releases.c.id], "statement_sha256": statement}
        if (row[reservations.c.state] == State.COMMITTED) != (row[releases.c.id] is not None):
            yield f"Reservation {reservation.id} is {row[reservations.c.state]}; its release says otherwise."
        elif json.loads(row[audit_log.c.details]).get(facts.KEY) != expected:
            yield f"Reservation {reservation.id} does not equal its row {row[audit_log.c.seq]} of the audit log."


def _missing_findings(tx: Transaction) -> Iterator[str]:
    """Charges that the audit log knows and the ledger has lost."""
    joined = audit_log.outerjoin(reservations)
    for row in _batches(tx, joined, audit_log.c.seq):
        if facts.KEY in json.loads(row[audit_log.c.details]) and row[reservations.c.id] is None:
            yield f"Row {row[audit_log.c.seq]} of the audit log has no reservation in the ledger."


def _batches(tx: Transaction, source: Any, key: Any) -> Iterator[Any]:
    """All rows in the order of a unique key, a batch at a time."""
    query = source.select().order_by(key).limit(_BATCH)
    batch = tx.execute(query).mappings().all()
    while batch:
        yield from batch
        batch = tx.execute(query.where(key > batch[-1][key])).mappings().all()
