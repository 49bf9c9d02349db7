"""The ledger: what every question costs, held before data is touched and charged whatever happens then.

- `reserve` → `mark_touched` → (read rows) → `commit`. Each is one transaction that holds the write lock.
- Cost, release and audit row are written together or not at all.
- A failure before `mark_touched` gives the budget back (`cancel_before_data`); one after it does not
  (`settle_reservation`), since a failure may depend on data. `settle` does the same for what a killed process
  left behind: never lost, never twice.
- An identical question of the same project on the same data version is paid once: `reserve` answers `Replay`.
- A request id names one question of one person; it is never charged twice.
- `checkpoint` is called between any two steps, for tests that kill the process there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from kernel_guard.errors import NotFound
from kernel_guard.plan.privacy import Budget
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.identity import Grant
from kernel_guard.trust.store import Store, Transaction
from kernel_guard.trust.store.tables import releases, reservations
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.vault.ledger import accounts, facts, lookup
from kernel_guard.vault.ledger.amounts import Amount
from kernel_guard.vault.ledger.records import (
    BudgetView,
    ReleaseRecord,
    Replay,
    Reservation,
    Settlement,
    release_from,
    release_row,
    reservation_row,
)
from kernel_guard.vault.ledger.scopes import Scope
from kernel_guard.vault.ledger.states import State

CHECKPOINTS = (
    "reserve.begun", "reserve.held", "reserve.written", "reserve.durable",
    "touch.written", "touch.durable",
    "commit.begun", "commit.charged", "commit.audited", "commit.moved", "commit.written", "commit.durable",
    "cancel.given_back", "cancel.written", "cancel.durable",
    "settle.begun", "settle.charged", "settle.written", "settle.durable",
)  # fmt: skip


def _pass(_name: str) -> None:
    """The checkpoint outside tests."""


class Ledger:
    """The privacy ledger of one store. Safe to use from several threads and processes."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        *,
        checkpoint: Callable[[str], None] = _pass,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._audit = audit
        self._checkpoint = checkpoint
        self._now = now

    def allot(self, scope: Scope, cap: Budget, *, by: str) -> None:
        """Set what a scope may spend in all (rounded down); it cannot fall below what is used."""
        units = Amount.cap(cap)
        event = AuditEvent("budget.set", by, study=scope.study, subject=scope.words(), details=units.public())
        with self._store.write() as tx:
            accounts.set_cap(tx, scope, units)
            self._audit.append(tx, event)

    def reserve(
        self, request_id: str, grant: Grant, study: str, cost: Budget, ask_digest: str, data_version: str
    ) -> Reservation | Replay:
        """Hold `cost` (rounded up) in all scopes, or answer with the release that exists already.

        `ask_digest` covers the whole question: plan, route and cost. Raises `BudgetExceeded`, or
        `VaultUnavailable` while the same question is being answered.
        """
        grant.check_study(study)
        wanted = Reservation(
            id=secrets.token_hex(16),
            request_id=request_id,
            study=study,
            project=grant.project,
            user=grant.user,
            amount=Amount.debit(cost),
            ask_digest=ask_digest,
            data_version=data_version,
        )
        with self._store.write() as tx:
            self._checkpoint("reserve.begun")
            earlier = lookup.answered(tx, wanted)
            if earlier is not None:
                return Replay(earlier)
            accounts.hold(tx, wanted.scopes, wanted.amount)
            self._checkpoint("reserve.held")
            tx.execute(reservations.insert().values(reservation_row(wanted, grant.id, self._now())))
            self._checkpoint("reserve.written")
        self._checkpoint("reserve.durable")
        return wanted

    def mark_touched(self, reservation: Reservation) -> None:
        """Note durably that rows are about to be read. From here on the cost stands."""
        with self._store.write() as tx:
            lookup.check_can_move(tx, reservation, State.TOUCHED)
            self._move(tx, reservation, State.TOUCHED)
            self._checkpoint("touch.written")
        self._checkpoint("touch.durable")

    def commit(
        self,
        reservation: Reservation,
        release: ReleaseRecord,
        event: AuditEvent,
        also: Callable[[Transaction, str], None] = lambda _tx, _release: None,
    ) -> None:
        """Charge the cost and keep the release, the audit row, and what `also` writes: all or none.

        After a `StoreError` it may be called again; a release that is in the ledger already is not charged again.
        """
        facts.check_belongs(reservation, release)
        with self._store.write() as tx:
            self._checkpoint("commit.begun")
            stored = lookup.release_of(tx, reservation.id)
            if stored is not None and stored.id == release.id:
                return
            lookup.check_can_move(tx, reservation, State.COMMITTED)
            accounts.charge(tx, reservation.scopes, reservation.amount)
            self._checkpoint("commit.charged")
            seq = self._audit.append(tx, facts.with_facts(event, reservation, release))
            self._checkpoint("commit.audited")
            self._move(tx, reservation, State.COMMITTED, seq)
            self._checkpoint("commit.moved")
            tx.execute(releases.insert().values(release_row(release, reservation.id)))
            also(tx, release.id)
            self._checkpoint("commit.written")
        self._checkpoint("commit.durable")

    def cancel_before_data(self, reservation: Reservation) -> None:
        """Give the budget back after a failure before any row was read; refused once data were touched."""
        with self._store.write() as tx:
            self._give_back(tx, reservation)
            self._checkpoint("cancel.written")
        self._checkpoint("cancel.durable")

    def settle_reservation(self, reservation: Reservation) -> None:
        """Charge a question that failed after data were touched: its cost stands, there is no release."""
        with self._store.write() as tx:
            self._charge_without_release(tx, reservation)

    def settle(self) -> Settlement:
        """Close what an earlier process left open; call it once at start, before the first question.

        A reservation of a process that is still alive is closed too: its next step is then refused.
        """
        charged: list[Reservation] = []
        given_back: list[Reservation] = []
        with self._store.write() as tx:
            self._checkpoint("settle.begun")
            for reservation, state in lookup.open_reservations(tx):
                if state is State.TOUCHED:
                    self._charge_without_release(tx, reservation)
                    charged.append(reservation)
                else:
                    self._give_back(tx, reservation)
                    given_back.append(reservation)
            self._checkpoint("settle.written")
        self._checkpoint("settle.durable")
        return Settlement(tuple(charged), tuple(given_back))

    def find_release(self, study: str, project: str, data_version: str, ask_digest: str) -> ReleaseRecord | None:
        """The project's answer to the identical question of the same data, if there is one."""
        with self._store.read() as tx:
            return lookup.release_for(tx, study, project, data_version, ask_digest)

    def release(self, release_id: str, project: str) -> ReleaseRecord:
        """A release of this project; another project's is `NotFound` too."""
        query = releases.select().where(releases.c.id == release_id, releases.c.project == project)
        with self._store.read() as tx:
            row = tx.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("There is no such release in your project.")
        return release_from(row)

    def releases(self, study: str, project: str) -> tuple[ReleaseRecord, ...]:
        """Everything this project was given from this study, oldest first (for differencing)."""
        query = releases.select().where(releases.c.study == study, releases.c.project == project)
        with self._store.read() as tx:
            rows = tx.execute(query.order_by(releases.c.created, releases.c.id)).mappings().all()
        return tuple(release_from(row) for row in rows)

    def budget(self, study: str, project: str, user: str | None = None) -> BudgetView:
        """The project's budget in the study; with `user`, what is left counts that person's share too."""
        others = [Scope.of_study(study)] + ([Scope.of_user(study, user)] if user is not None else [])
        with self._store.read() as tx:
            own = accounts.read(tx, Scope.of_project(study, project))
            return accounts.view(own, [accounts.read(tx, scope) for scope in others])

    def how_many(self, study: str, project: str, user: str, cost: Budget) -> int | None:
        """How many questions of this cost the tightest budget holds now; None where they cost nothing."""
        debit, left = Amount.debit(cost), Amount.cap(self.budget(study, project, user).left)
        return left.times(debit.taken_from(left))

    def spent(self, scope: Scope) -> Budget:
        """What a scope was charged for: committed and settled, nothing else."""
        with self._store.read() as tx:
            return accounts.read(tx, scope).spent.budget()

    def _charge_without_release(self, tx: Transaction, reservation: Reservation) -> None:
        lookup.check_can_move(tx, reservation, State.SETTLED)
        accounts.charge(tx, reservation.scopes, reservation.amount)
        self._checkpoint("settle.charged")
        seq = self._audit.append(tx, facts.closing_event("reservation.settled", reservation))
        self._move(tx, reservation, State.SETTLED, seq)

    def _give_back(self, tx: Transaction, reservation: Reservation) -> None:
        lookup.check_can_move(tx, reservation, State.CANCELLED)
        accounts.give_back(tx, reservation.scopes, reservation.amount)
        self._checkpoint("cancel.given_back")
        seq = self._audit.append(tx, facts.closing_event("reservation.cancelled", reservation))
        self._move(tx, reservation, State.CANCELLED, seq)

    def _move(self, tx: Transaction, reservation: Reservation, to: State, audit_seq: int | None = None) -> None:
        values = {"state": to.value, "changed": to_text(self._now()), "audit_seq": audit_seq}
        tx.execute(reservations.update().where(reservations.c.id == reservation.id).values(values))
