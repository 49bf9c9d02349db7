"""The patients behind each row of what protected code handed over, until a checker has decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "protected_sets",
        sa.Column("object_id", sa.Text, sa.ForeignKey("protected_objects.id"), primary_key=True),
        sa.Column("cell", sa.BigInteger, primary_key=True),
        sa.Column("patients", sa.LargeBinary, nullable=False),
    )
