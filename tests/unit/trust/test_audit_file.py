"""The log names its first bad record after any single change, wherever the log lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from kernel_guard.errors import SignatureError
from kernel_guard.trust import audit_file
from kernel_guard.trust.audit import AuditEvent
from kernel_guard.trust.audit_view import AuditView, Filter
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store import sqlite_url
from kernel_guard.trust.store.tables import audit_log
from tests.lib.desks import Room, open_room

ROWS = 12
KEY = SigningKey.generate()


def fill(room: Room, rows: int = ROWS) -> list[bytes]:
    for i in range(rows):
        room.audit.record(AuditEvent("thing.done", f"user{i % 3}", "p1", subject=str(i), details={"i": i, "x": 'é\n"'}))
    return list(AuditView(room.store).export_jsonl(Filter()))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("log")
    room = open_room(sqlite_url(folder / "store.sqlite"), folder, signing=KEY)
    lines = fill(room)
    room.store.close()
    return lines


def check(content: bytes, anchor=None):
    return audit_file.verify_file(content.splitlines(keepends=True), [KEY.public_bytes], anchor)


def line_of(lines: list[bytes], at: int) -> int:
    """The number of the line that holds byte `at`."""
    end = 0
    for number, line in enumerate(lines, 1):
        end += len(line)
        if at < end:
            return number
    return len(lines)


def test_an_untouched_export_holds(exported: list[bytes]) -> None:
    report = check(b"".join(exported))
    assert report.intact and report.rows == ROWS


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_one_changed_byte_is_named(exported: list[bytes], data: st.DataObject) -> None:
    content = bytearray(b"".join(exported))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    _expect(exported, bytes(content), line_of(exported, at))


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_one_dropped_or_added_byte_is_named(exported: list[bytes], data: st.DataObject) -> None:
    content = b"".join(exported)
    at = data.draw(st.integers(0, len(content) - 1))
    more = data.draw(st.binary(max_size=1))
    _expect(exported, content[:at] + (more + content[at:] if more else content[at + 1 :]), line_of(exported, at))


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_cut_end_is_named(exported: list[bytes], data: st.DataObject) -> None:
    content = b"".join(exported)
    at = data.draw(st.integers(0, len(content) - 1))
    report = check(content[:at])
    assert not report.intact and report.first_bad == min(line_of(exported, at), ROWS + 1)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_dropped_doubled_or_moved_line_is_named(exported: list[bytes], data: st.DataObject) -> None:
    rows = list(exported)
    a = data.draw(st.integers(0, ROWS - 1))
    b = data.draw(st.integers(0, ROWS - 1).filter(lambda n: n != a))
    match data.draw(st.sampled_from(["drop", "double", "swap"])):
        case "drop":
            del rows[a]
            first = a + 1
        case "double":
            rows.insert(a, rows[a])
            first = a + 2
        case _:
            rows[a], rows[b] = rows[b], rows[a]
            first = min(a, b) + 1
    report = check(b"".join(rows))
    assert not report.intact and report.first_bad == first


def test_a_strangers_log_does_not_hold(exported: list[bytes]) -> None:
    other = SigningKey.generate().public_bytes
    assert audit_file.verify_file(exported, [other]).first_bad == 1


COLUMNS = [c for c in audit_log.c.keys() if c != "seq"]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_cell_of_the_store_is_named(room: Room, column: str) -> None:
    fill(room)
    _unguard(room)
    with room.store.write() as tx:
        changed = {column: "0" * 64 if column in ("hash", "previous") else "changed"}
        tx.execute(audit_log.update().where(audit_log.c.seq == 7).values(changed))
    assert room.audit.verify_chain().first_bad == 7


def test_a_row_taken_out_of_the_store_is_named(room: Room) -> None:
    fill(room)
    _unguard(room)
    with room.store.write() as tx:
        tx.execute(audit_log.delete().where(audit_log.c.seq == 5))
    assert room.audit.verify_chain().first_bad == 5


def test_rows_cut_off_the_end_are_missed(room: Room) -> None:
    fill(room)
    _unguard(room)
    with room.store.write() as tx:
        tx.execute(audit_log.delete().where(audit_log.c.seq > 9))
    assert room.audit.verify_chain().first_bad == 10


def test_a_checkpoint_shows_a_log_that_was_put_back_as_a_whole(tmp_path: Path) -> None:
    """An operator with the key can put back an old copy and go on: only what was kept elsewhere tells."""
    old = open_room(sqlite_url(tmp_path / "old.sqlite"), tmp_path, signing=KEY)
    fill(old, 3)
    new = open_room(sqlite_url(tmp_path / "new.sqlite"), tmp_path, signing=KEY)
    fill(new, 6)
    kept = audit_file.make_checkpoint(new.audit.head(), "2027-01-01T00:00:00.000000Z", KEY)
    anchor = audit_file.read_checkpoint(kept, [KEY.public_bytes])
    assert new.audit.verify_chain(anchor).intact
    assert old.audit.verify_chain().intact and old.audit.verify_chain(anchor).first_bad == 4
    fill(old, 6)
    assert old.audit.verify_chain(anchor).first_bad == 6
    with pytest.raises(SignatureError):
        audit_file.read_checkpoint(kept.replace(b"payload", b"payloaf"), [KEY.public_bytes])
    with pytest.raises(SignatureError):
        audit_file.read_checkpoint(kept, [SigningKey.generate().public_bytes])


def test_the_database_itself_refuses_to_change_the_log(room: Room) -> None:
    from kernel_guard.errors import StoreError

    fill(room, 2)
    for change in (audit_log.update().values(kind="x"), audit_log.delete()):
        with pytest.raises(StoreError), room.store.write() as tx:
            tx.execute(change)


def _expect(lines: list[bytes], content: bytes, first: int) -> None:
    report = check(content)
    assert not report.intact and report.first_bad is not None
    # The signed end has no number of its own: a fault in it is the row after the last, or the last.
    assert report.first_bad == first if first <= ROWS else report.first_bad in (ROWS, ROWS + 1)


def _unguard(room: Room) -> None:
    """What an attacker with the database's own rights does first."""
    with room.store.write() as tx:
        on = " ON audit_log" if room.store._engine.dialect.name == "postgresql" else ""
        for name in ("update", "delete"):
            tx.execute(text(f"DROP TRIGGER audit_log_{name}{on}"))
