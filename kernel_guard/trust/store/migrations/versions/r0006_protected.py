"""Protected code: runs for a checker, and the objects that they handed over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    texts = ("grant_id", "study", "project", "user", "purpose", "data_version", "ask", "created")
    op.create_table(
        "protected_runs",
        sa.Column("id", sa.Text, primary_key=True),
        *[sa.Column(name, sa.Text, nullable=False) for name in texts],
        sa.Column("audit_seq", sa.BigInteger, sa.ForeignKey("audit_log.seq"), nullable=False),
    )
    op.create_table(
        "protected_objects",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("run_id", sa.Text, sa.ForeignKey("protected_runs.id"), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content", sa.Text),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("votes", sa.Text, nullable=False),
        *[sa.Column(name, sa.Text) for name in ("decided", "reason")],
        sa.Column("release_id", sa.Text, sa.ForeignKey("releases.id")),
        sa.CheckConstraint("state IN ('pending', 'approved', 'rejected')", name="known_object_state"),
        sa.CheckConstraint("(state = 'pending') = (decided IS NULL)", name="decided_or_pending"),
        sa.CheckConstraint("(state = 'approved') = (release_id IS NOT NULL)", name="approved_is_released"),
        sa.UniqueConstraint("run_id", "name", name="one_object_per_name"),
    )
    op.create_index("objects_by_state", "protected_objects", ["state"])
