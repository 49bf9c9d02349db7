"""Parts of the audit log that a signed seal stands for: their rows may go, all others stay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None

_SEALED = "(SELECT COALESCE(MAX(seq), 0) FROM audit_segments)"


def upgrade() -> None:
    op.create_table(
        "audit_segments",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("envelope", sa.Text, nullable=False),
    )
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'the ledger keeps this'); END"
    op.execute("DROP TRIGGER audit_log_delete")
    op.execute(f"CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log WHEN OLD.seq > {_SEALED} {refuse}")
    for statement in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER segments_{statement.lower()} BEFORE {statement} ON audit_segments {refuse}")


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION kernel_guard_keep_log() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF OLD.seq > {_SEALED} THEN RAISE EXCEPTION 'the ledger keeps this'; END IF; RETURN OLD; END $$"
    )
    op.execute("DROP TRIGGER audit_log_delete ON audit_log")
    op.execute(
        "CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log FOR EACH ROW "
        "EXECUTE FUNCTION kernel_guard_keep_log()"
    )
    op.execute(
        "CREATE TRIGGER segments_change BEFORE UPDATE OR DELETE ON audit_segments FOR EACH ROW "
        "EXECUTE FUNCTION kernel_guard_refuse()"
    )
