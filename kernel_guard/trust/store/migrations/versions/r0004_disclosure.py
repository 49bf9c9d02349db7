"""Disclosure: the sets behind exact releases, and evidence for their checkers. Both take rows and give none back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None

_KEPT = ("released_sets", "release_evidence")


def upgrade() -> None:
    texts = ("study", "project", "user", "data_version", "statistic")
    op.create_table(
        "released_sets",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("release_id", sa.Text, sa.ForeignKey("releases.id"), nullable=False),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("cell", sa.BigInteger, nullable=False),
        *[sa.Column(name, sa.Text, nullable=False) for name in texts],
        sa.Column("patients", sa.LargeBinary, nullable=False),
        sa.Column("records", sa.LargeBinary),
        sa.UniqueConstraint("release_id", "measure", "cell", name="one_set_per_cell"),
    )
    op.create_index("sets_of_a_project", "released_sets", ["study", "project"])
    op.create_index("sets_of_a_person", "released_sets", ["study", "user"])
    op.create_table(
        "release_evidence",
        sa.Column("release_id", sa.Text, sa.ForeignKey("releases.id"), primary_key=True),
        sa.Column("evidence", sa.Text, nullable=False),
    )
    for table in _KEPT:
        for statement in ("UPDATE", "DELETE"):
            op.execute(_refusal(table, statement))


def _refusal(table: str, statement: str) -> str:
    name = f"{table}_{statement.lower()}"
    if op.get_context().dialect.name == "sqlite":
        return (
            f"CREATE TRIGGER {name} BEFORE {statement} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'the ledger keeps this'); END"
        )
    return f"CREATE TRIGGER {name} BEFORE {statement} ON {table} FOR EACH ROW EXECUTE FUNCTION kernel_guard_refuse()"
