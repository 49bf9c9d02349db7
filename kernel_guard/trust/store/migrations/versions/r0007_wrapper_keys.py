"""The keys by which guarded kernels sign their outputs, as their grants made them known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wrapper_keys",
        *[sa.Column(name, sa.Text, primary_key=True) for name in ("keyid", "user", "project")],
        *[sa.Column(name, sa.Text, nullable=False) for name in ("public", "created")],
    )
