"""Old rows of the log go by policy: a seal stands for them, what the ledger needs stays, and faults are still named."""

from __future__ import annotations

import json

import pytest

from kernel_guard.errors import StoreError
from kernel_guard.trust import audit_file, retention
from kernel_guard.trust.audit import AuditEvent
from kernel_guard.trust.audit_view import AuditView, Filter
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store.tables import audit_log, audit_segments, protected_runs
from kernel_guard.trust.store.times import to_text
from tests.lib.desks import Room
from tests.unit.trust.test_audit_file import _unguard

OLD = 9


@pytest.fixture
def pruned(room: Room) -> Room:
    """Nine old rows, of which the fourth is the ledger's, and five new ones."""
    for i in range(OLD):
        room.audit.record(AuditEvent("thing.done", "ana", "p1", subject=str(i)))
    with room.store.write() as tx:
        texts = ("grant_id", "study", "project", "user", "purpose", "data_version", "ask", "created")
        tx.execute(protected_runs.insert().values(id="r", audit_seq=4, **dict.fromkeys(texts, "x")))
    room.clock.turn(days=30)
    before = to_text(room.clock.moment)
    for i in range(5):
        room.audit.record(AuditEvent("thing.done", "ana", "p1", subject=f"new {i}"))
    assert retention.prune(room.store, room.audit, room.audit._key, before, by="op") == OLD - 1
    return room


def numbers(room: Room) -> list[int]:
    return [row["seq"] for row in room.audit.rows()]


def export(room: Room) -> list[bytes]:
    return list(AuditView(room.store).export_jsonl(Filter()))


def verified(room: Room, lines: list[bytes]) -> audit_file.ChainReport:
    return audit_file.verify_file(lines, [room.audit._key.public_bytes])


def test_the_seal_stands_for_what_went_and_the_ledgers_row_stays(pruned: Room) -> None:
    assert numbers(pruned) == [4, *range(OLD + 1, OLD + 7)]
    report = pruned.audit.verify_chain()
    assert report.intact and report.rows == OLD + 6
    assert list(pruned.audit.rows())[-1]["kind"] == "audit.pruned"
    assert verified(pruned, export(pruned)).intact
    anchor = pruned.audit.head()
    pruned.audit.record(AuditEvent("thing.done", "ana"))
    assert pruned.audit.verify_chain(anchor).intact


def test_pruning_goes_on_where_it_ended(pruned: Room) -> None:
    pruned.clock.turn(days=30)
    before = to_text(pruned.clock.moment)
    pruned.audit.record(AuditEvent("thing.done", "ana"))
    assert retention.prune(pruned.store, pruned.audit, pruned.audit._key, before, by="op") == 6
    assert numbers(pruned)[0] == 4 and pruned.audit.verify_chain().intact and verified(pruned, export(pruned)).intact
    assert retention.prune(pruned.store, pruned.audit, pruned.audit._key, before, by="op") == 0


@pytest.mark.parametrize("bad", [4, OLD + 1, OLD + 3, OLD + 6])
@pytest.mark.parametrize("change", ["drop", "alter"])
def test_the_first_bad_row_is_still_named(pruned: Room, bad: int, change: str) -> None:
    lines = export(pruned)
    place = next(i for i, line in enumerate(lines) if f'"seq":{bad},'.encode() in line)
    altered = lines[:place] + ([] if change == "drop" else [lines[place].replace(b"ana", b"eve")]) + lines[place + 1 :]
    if change == "drop" or altered != lines:
        assert verified(pruned, altered).first_bad == bad
    _unguard(pruned)
    with pruned.store.write() as tx:
        if change == "drop":
            tx.execute(protected_runs.delete())
            tx.execute(audit_log.delete().where(audit_log.c.seq == bad))
        else:
            tx.execute(audit_log.update().where(audit_log.c.seq == bad).values(actor="eve"))
    assert pruned.audit.verify_chain().first_bad == bad


def test_without_its_seal_the_log_does_not_hold(pruned: Room) -> None:
    assert verified(pruned, export(pruned)[1:]).first_bad == 1
    sealed = json.loads(export(pruned)[0])
    sealed["sealed"]["signatures"] = []
    forged = json.dumps(sealed, separators=(",", ":"), sort_keys=True).encode() + b"\n"
    assert verified(pruned, [forged, *export(pruned)[1:]]).first_bad == 1


def test_the_database_lets_no_other_row_go_and_keeps_the_seal(pruned: Room) -> None:
    for change in (
        audit_log.delete().where(audit_log.c.seq == OLD + 1),
        audit_segments.delete(),
        audit_segments.update().values(envelope="{}"),
    ):
        with pytest.raises(StoreError), pruned.store.write() as tx:
            tx.execute(change)


def test_a_seal_of_a_strangers_is_the_first_fault(room: Room) -> None:
    """Who may write to the database can make room for a deletion, and is found out by the signature."""
    for i in range(3):
        room.audit.record(AuditEvent("thing.done", "ana", subject=str(i)))
    from kernel_guard.trust import audit_segments as segments
    from kernel_guard.trust.audit_chain import Segment

    end = list(room.audit.rows())[1]
    envelope = segments.seal(Segment(2, end["hash"], ()), SigningKey.generate())
    with room.store.write() as tx:
        tx.execute(audit_segments.insert().values(seq=2, envelope=json.dumps(envelope)))
        tx.execute(audit_log.delete().where(audit_log.c.seq <= 2))
    report = room.audit.verify_chain()
    assert report.first_bad == 1 and "seal" in report.reason
