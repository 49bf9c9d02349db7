"""Accounts in zero-concentrated privacy: a cap in ρ beside the one in ε, and what each question costs in it.

- An account that is there stays one of pure ε: its cap in ρ is zero.
"""

from __future__ import annotations

from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

_WITHIN = "CHECK (rho_reserved >= 0 AND rho_spent >= 0 AND rho_reserved + rho_spent <= rho_cap)"


def upgrade() -> None:
    for name, check in (("cap", ""), ("reserved", ""), ("spent", _WITHIN)):
        op.execute(f"ALTER TABLE accounts ADD COLUMN rho_{name} BIGINT NOT NULL DEFAULT 0 {check}")
    op.execute("ALTER TABLE reservations ADD COLUMN rho BIGINT NOT NULL DEFAULT 0 CHECK (rho >= 0)")
    for table, condition in (
        ("reservations", "NEW.rho <> OLD.rho"),
        ("accounts", "NEW.rho_spent < OLD.rho_spent"),
    ):
        if op.get_context().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {table}_rho BEFORE UPDATE ON {table} WHEN {condition} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger keeps this'); END"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_rho BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({condition}) "
                "EXECUTE FUNCTION kernel_guard_refuse()"
            )
