"""The first tables, and the rules that the database holds by itself.

- `audit_log` and `releases` take rows and give none back: no update, no delete.
- A reservation moves only along the ledger's state table, and nothing else about it changes.
- What an account has spent never shrinks.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

# table, statement, condition for refusing ("" = always)
_MOVED_ILLEGALLY = (
    "NOT ((OLD.state = 'reserved' AND NEW.state IN ('touched', 'cancelled'))"
    " OR (OLD.state = 'touched' AND NEW.state IN ('committed', 'settled')))"
    " OR NEW.id <> OLD.id OR NEW.request_id <> OLD.request_id OR NEW.grant_id <> OLD.grant_id"
    ' OR NEW.study <> OLD.study OR NEW.project <> OLD.project OR NEW."user" <> OLD."user"'
    " OR NEW.epsilon <> OLD.epsilon OR NEW.delta <> OLD.delta OR NEW.ask_digest <> OLD.ask_digest"
    " OR NEW.data_version <> OLD.data_version OR NEW.created <> OLD.created"
)
_RULES: tuple[tuple[str, str, str], ...] = (
    ("audit_log", "UPDATE", ""),
    ("audit_log", "DELETE", ""),
    ("audit_head", "UPDATE", "NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1"),
    ("audit_head", "DELETE", ""),
    ("releases", "UPDATE", ""),
    ("releases", "DELETE", ""),
    ("reservations", "INSERT", "NEW.state <> 'reserved'"),
    ("reservations", "UPDATE", _MOVED_ILLEGALLY),
    ("reservations", "DELETE", ""),
    (
        "accounts", "UPDATE",
        "NEW.epsilon_spent < OLD.epsilon_spent OR NEW.delta_spent < OLD.delta_spent"
        " OR NEW.kind <> OLD.kind OR NEW.study <> OLD.study OR NEW.subject <> OLD.subject",
    ),
    ("accounts", "DELETE", ""),
)  # fmt: skip


def upgrade() -> None:
    _create_trust()
    _create_ledger()
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()
    op.execute("INSERT INTO audit_head (id, seq, hash, keyid, signature) VALUES (1, 0, '', '', '')")


def _create_trust() -> None:
    op.create_table(
        "grants",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("token_sha256", sa.Text, nullable=False, unique=True),
        *[sa.Column(name, sa.Text, nullable=False) for name in ("user", "project", "role", "studies")],
        *[sa.Column(name, sa.Text, nullable=False) for name in ("purpose", "created", "expires")],
        sa.Column("revoked", sa.Text),
    )
    texts = ("time", "kind", "actor", "project", "study", "subject", "details", "previous", "hash", "keyid")
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        *[sa.Column(name, sa.Text, nullable=False) for name in texts],
        sa.Column("signature", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("keyid", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
    )


def _create_ledger() -> None:
    _create_accounts()
    _create_reservations()
    texts = ("digest", "study", "project", "user", "data_version", "route", "statement", "envelope", "created")
    op.create_table(
        "releases",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("reservation_id", sa.Text, sa.ForeignKey("reservations.id"), nullable=False, unique=True),
        *[sa.Column(name, sa.Text, nullable=False) for name in texts],
        sa.UniqueConstraint("study", "project", "data_version", "digest", name="one_release_per_ask"),
    )


def _create_accounts() -> None:
    amounts = ("cap", "reserved", "spent")
    op.create_table(
        "accounts",
        sa.Column("kind", sa.Text, sa.CheckConstraint("kind IN ('study', 'project', 'user')"), primary_key=True),
        sa.Column("study", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        *[sa.Column(f"epsilon_{name}", sa.BigInteger, nullable=False) for name in amounts],
        *[sa.Column(f"delta_{name}", sa.BigInteger, nullable=False) for name in amounts],
        sa.CheckConstraint("epsilon_reserved >= 0 AND epsilon_spent >= 0", name="epsilon_not_negative"),
        sa.CheckConstraint("delta_reserved >= 0 AND delta_spent >= 0", name="delta_not_negative"),
        sa.CheckConstraint("epsilon_reserved + epsilon_spent <= epsilon_cap", name="epsilon_within_cap"),
        sa.CheckConstraint("delta_reserved + delta_spent <= delta_cap", name="delta_within_cap"),
    )


def _create_reservations() -> None:
    states = "'reserved', 'touched', 'committed', 'settled', 'cancelled'"
    op.create_table(
        "reservations",
        sa.Column("id", sa.Text, primary_key=True),
        *[sa.Column(name, sa.Text, nullable=False) for name in ("request_id", "grant_id", "study")],
        *[sa.Column(name, sa.Text, nullable=False) for name in ("project", "user")],
        sa.Column("epsilon", sa.BigInteger, sa.CheckConstraint("epsilon >= 0"), nullable=False),
        sa.Column("delta", sa.BigInteger, sa.CheckConstraint("delta >= 0"), nullable=False),
        *[sa.Column(name, sa.Text, nullable=False) for name in ("ask_digest", "data_version", "state")],
        *[sa.Column(name, sa.Text, nullable=False) for name in ("created", "changed")],
        sa.Column("audit_seq", sa.BigInteger, sa.ForeignKey("audit_log.seq")),
        sa.CheckConstraint(f"state IN ({states})", name="known_state"),
        sa.CheckConstraint("(audit_seq IS NULL) = (state IN ('reserved', 'touched'))", name="charged_is_audited"),
    )
    _partial_index(
        "one_reservation_per_request", ["study", "project", "user", "request_id"], "state <> 'cancelled'", unique=True
    )
    _partial_index(
        "one_payment_per_ask", ["study", "project", "data_version", "ask_digest"],
        "state IN ('reserved', 'touched', 'committed')", unique=True,
    )  # fmt: skip
    _partial_index("open_reservations", ["state"], "state IN ('reserved', 'touched')", unique=False)


def _partial_index(name: str, columns: list[str], where: str, *, unique: bool) -> None:
    condition = sa.text(where)
    op.create_index(name, "reservations", columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _guard_sqlite() -> None:
    for table, statement, condition in _RULES:
        when = f"WHEN {condition} " if condition else ""
        op.execute(
            f"CREATE TRIGGER {table}_{statement.lower()} BEFORE {statement} ON {table} {when}"
            f"BEGIN SELECT RAISE(ABORT, 'the ledger keeps this'); END"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION kernel_guard_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger keeps this'; END $$"
    )
    for table, statement, condition in _RULES:
        when = f"WHEN ({condition}) " if condition else ""
        op.execute(
            f"CREATE TRIGGER {table}_{statement.lower()} BEFORE {statement} ON {table} FOR EACH ROW {when}"
            "EXECUTE FUNCTION kernel_guard_refuse()"
        )
    for table in sorted({table for table, _, _ in _RULES}):
        op.execute(
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            "EXECUTE FUNCTION kernel_guard_refuse()"
        )
