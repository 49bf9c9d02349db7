"""What the ledger already knows: earlier requests, answers, open reservations. Reads only, within a transaction."""

from __future__ import annotations

from typing import Any

from kernel_guard.errors import InternalError, PlanError, VaultUnavailable
from kernel_guard.trust.store import Transaction
from kernel_guard.trust.store.tables import releases, reservations
from kernel_guard.vault.ledger.records import ReleaseRecord, Reservation, release_from, reservation_from
from kernel_guard.vault.ledger.states import OPEN, TRANSITIONS, State


def answered(tx: Transaction, wanted: Reservation) -> ReleaseRecord | None:
    """The release that answers `wanted` already; raises while it is being made, or when it died."""
    query = reservations.select().where(
        reservations.c.study == wanted.study,
        reservations.c.project == wanted.project,
        reservations.c.user == wanted.user,
        reservations.c.request_id == wanted.request_id,
        reservations.c.state != State.CANCELLED.value,
    )
    row = tx.execute(query).mappings().one_or_none()
    if row is not None:
        return _answer_of_request(tx, wanted, reservation_from(row), State(row["state"]))
    found = release_for(tx, wanted.study, wanted.project, wanted.data_version, wanted.ask_digest)
    if found is None and _is_being_answered(tx, wanted):
        raise _in_flight()
    return found


def release_for(tx: Transaction, study: str, project: str, data_version: str, digest: str) -> ReleaseRecord | None:
    """The project's release for this question of this data version."""
    return _release_where(
        tx,
        releases.c.study == study,
        releases.c.project == project,
        releases.c.data_version == data_version,
        releases.c.digest == digest,
    )


def release_of(tx: Transaction, reservation_id: str) -> ReleaseRecord | None:
    """The release that a reservation paid for."""
    return _release_where(tx, releases.c.reservation_id == reservation_id)


def open_reservations(tx: Transaction) -> list[tuple[Reservation, State]]:
    """Reservations that are neither paid nor given back."""
    rows = tx.execute(_open_query().order_by(reservations.c.id)).mappings().all()
    return [(reservation_from(row), State(row["state"])) for row in rows]


def check_can_move(tx: Transaction, reservation: Reservation, to: State) -> None:
    """Raise `InternalError` unless the stored reservation is this one and may become `to`."""
    row = tx.execute(reservations.select().where(reservations.c.id == reservation.id)).mappings().one_or_none()
    if row is not None and reservation_from(row) == reservation and to in TRANSITIONS[State(row["state"])]:
        return
    raise InternalError(
        "This question is no longer open in the ledger.",
        hint="Ask it again.",
        details={"state": row["state"] if row is not None else "unknown", "wanted": to.value},
    )


def _answer_of_request(
    tx: Transaction, wanted: Reservation, earlier: Reservation, state: State
) -> ReleaseRecord | None:
    if (earlier.ask_digest, earlier.data_version) != (wanted.ask_digest, wanted.data_version):
        raise PlanError("This request id was used for another question.", hint="Send a new request id.")
    if state in OPEN:
        raise _in_flight()
    if state is State.SETTLED:
        raise VaultUnavailable(
            "The vault was interrupted while it answered this; the cost stands, the answer is lost.",
            hint="To pay again, ask again under a new request id.",
            details={"in_flight": False},
        )
    return release_of(tx, earlier.id)


def _is_being_answered(tx: Transaction, wanted: Reservation) -> bool:
    query = _open_query().where(
        reservations.c.study == wanted.study,
        reservations.c.project == wanted.project,
        reservations.c.data_version == wanted.data_version,
        reservations.c.ask_digest == wanted.ask_digest,
    )
    return tx.execute(query).first() is not None


def _open_query() -> Any:
    return reservations.select().where(reservations.c.state.in_([state.value for state in OPEN]))


def _release_where(tx: Transaction, *conditions: Any) -> ReleaseRecord | None:
    row = tx.execute(releases.select().where(*conditions)).mappings().one_or_none()
    return release_from(row) if row is not None else None


def _in_flight() -> VaultUnavailable:
    return VaultUnavailable(
        "The same question is being answered right now.",
        hint="Ask again in a moment: the answer will cost nothing more.",
        details={"in_flight": True},
    )
