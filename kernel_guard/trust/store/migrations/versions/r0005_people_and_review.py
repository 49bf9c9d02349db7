"""People who sign in, and review: requests, versions, votes, comments, history, notices, bundles.

- What a checker decided on, and what was decided, cannot be changed afterwards: triggers refuse it.
- The audit log gets the indexes that its readers filter by.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None

_KEPT = ("review_versions", "review_votes", "review_comments", "review_history", "review_released", "review_bundles")


def upgrade() -> None:
    _create_people()
    _create_requests()
    _create_records()
    _create_messages()
    _create_indexes()
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _numbered() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False)


def _create_people() -> None:
    op.create_table(
        "people",
        sa.Column("user", sa.Text, primary_key=True),
        *_texts("name", "source", "created"),
        sa.Column("secret", sa.Text),
        sa.Column("disabled", sa.Text),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("user", "project", "role", "by", "created", "expires"),
        sa.Column("revoked", sa.Text),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.Text, primary_key=True),
        *_texts("user", "how", "created", "seen", "expires"),
        sa.Column("ended", sa.Text),
    )
    op.create_table("sign_in_failures", _numbered(), *_texts("user", "time"))


def _create_requests() -> None:
    op.create_table(
        "review_policies", sa.Column("project", sa.Text, primary_key=True), *_texts("policy", "by", "changed")
    )
    op.create_table(
        "review_requests",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False, unique=True),
        *_texts("title", "project", "study", "state", "creator", "content", "created", "submitted", "expires"),
        *_texts("changed"),
        *_numbers("version", "revision", "since", "risk", "checkers"),
    )
    op.create_table(
        "review_authors",
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("request", sa.Text, primary_key=True),
    )
    op.create_table(
        "review_versions",
        sa.Column("request", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        *_texts("submitted", "by", "digest", "content", "assessment"),
    )


def _create_records() -> None:
    op.create_table(
        "review_votes",
        _numbered(),
        *_texts("request", "item", "digest", "by", "vote", "reason", "phase", "time"),
        *_numbers("version"),
    )
    op.create_table(
        "review_comments", _numbered(), *_texts("request", "by", "role", "time", "text", "visibility", "item")
    )
    op.create_table(
        "review_history",
        _numbered(),
        *_texts("request", "time", "by", "action", "state", "reason", "key"),
        *_numbers("version"),
        sa.UniqueConstraint("by", "key", name="one_deed_per_key"),
    )
    op.create_table(
        "review_released",
        sa.Column("project", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        *_texts("request"),
    )
    op.create_table(
        "review_bundles",
        sa.Column("request", sa.Text, primary_key=True),
        *_texts("name", "sha256", "created"),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def _create_messages() -> None:
    op.create_table(
        "review_notices", _numbered(), *_texts("user", "time", "kind", "request", "text"), sa.Column("read", sa.Text)
    )
    op.create_table(
        "review_outbox",
        _numbered(),
        *_texts("channel", "address", "payload", "due"),
        *_numbers("tries"),
        sa.Column("sent", sa.Text),
    )


def _create_indexes() -> None:
    for name, table, columns in (
        ("roles_of_user", "roles", ["user"]),
        ("failures_of_user", "sign_in_failures", ["user", "time"]),
        ("requests_by_state", "review_requests", ["state", "project", "number"]),
        ("requests_by_project", "review_requests", ["project", "number"]),
        ("votes_of_request", "review_votes", ["request"]),
        ("comments_of_request", "review_comments", ["request"]),
        ("history_of_request", "review_history", ["request"]),
        ("notices_of_user", "review_notices", ["user", "id"]),
        ("audit_by_kind", "audit_log", ["kind", "seq"]),
        ("audit_by_actor", "audit_log", ["actor", "seq"]),
        ("audit_by_project", "audit_log", ["project", "seq"]),
        ("audit_by_subject", "audit_log", ["subject", "seq"]),
        ("audit_by_time", "audit_log", ["time"]),
    ):
        op.create_index(name, table, columns)


def _guard_sqlite() -> None:
    for table in _KEPT:
        for statement in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_{statement.lower()} BEFORE {statement} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'review keeps this'); END"
            )


def _guard_postgresql() -> None:
    for table in _KEPT:
        for statement, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_{statement.lower()} BEFORE {statement} ON {table} FOR EACH {each} "
                "EXECUTE FUNCTION kernel_guard_refuse()"
            )
