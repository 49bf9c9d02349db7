"""The tables as queries see them. How a database gets them is in `migrations/`; a test holds both together.

- Privacy amounts are whole numbers (pico-ε, atto-δ, pico-ρ): a database must not round them.
- `accounts` repeats what `reservations` add up to, so that the database itself can refuse to overspend (CHECK)
  and a debit costs the same however long the history is. Reconciliation compares the two.
- Moments are text (`times.py`). JSON is canonical text: what was hashed is what is stored.
- No foreign key to `grants` from the ledger: another identity provider may keep them elsewhere.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

grants = Table(
    "grants", metadata,
    Column("id", Text, primary_key=True),
    Column("token_sha256", Text, nullable=False, unique=True),
    Column("user", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("studies", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("expires", Text, nullable=False),
    Column("revoked", Text),
)  # fmt: skip

audit_log = Table(
    "audit_log", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("time", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("study", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("keyid", Text, nullable=False),
    Column("signature", Text, nullable=False),
)  # fmt: skip

# One row: the signed end of the chain.
audit_segments = Table(
    "audit_segments", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("envelope", Text, nullable=False),
)  # fmt: skip

audit_head = Table(
    "audit_head", metadata,
    Column("id", BigInteger, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("keyid", Text, nullable=False),
    Column("signature", Text, nullable=False),
)  # fmt: skip

for _by, _columns in {
    "audit_by_kind": (audit_log.c.kind, audit_log.c.seq),
    "audit_by_actor": (audit_log.c.actor, audit_log.c.seq),
    "audit_by_project": (audit_log.c.project, audit_log.c.seq),
    "audit_by_subject": (audit_log.c.subject, audit_log.c.seq),
    "audit_by_time": (audit_log.c.time,),
}.items():
    Index(_by, *_columns)

accounts = Table(
    "accounts", metadata,
    Column("kind", Text, CheckConstraint("kind IN ('study', 'project', 'user')"), primary_key=True),
    Column("study", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("epsilon_cap", BigInteger, nullable=False),
    Column("epsilon_reserved", BigInteger, nullable=False),
    Column("epsilon_spent", BigInteger, nullable=False),
    Column("delta_cap", BigInteger, nullable=False),
    Column("delta_reserved", BigInteger, nullable=False),
    Column("delta_spent", BigInteger, nullable=False),
    Column("rho_cap", BigInteger, nullable=False, server_default="0"),
    Column("rho_reserved", BigInteger, nullable=False, server_default="0"),
    Column("rho_spent", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("epsilon_reserved >= 0 AND epsilon_spent >= 0", name="epsilon_not_negative"),
    CheckConstraint("delta_reserved >= 0 AND delta_spent >= 0", name="delta_not_negative"),
    CheckConstraint("epsilon_reserved + epsilon_spent <= epsilon_cap", name="epsilon_within_cap"),
    CheckConstraint("delta_reserved + delta_spent <= delta_cap", name="delta_within_cap"),
    CheckConstraint(
        "rho_reserved >= 0 AND rho_spent >= 0 AND rho_reserved + rho_spent <= rho_cap", name="rho_within_cap"
    ),
)  # fmt: skip

reservations = Table(
    "reservations", metadata,
    Column("id", Text, primary_key=True),
    Column("request_id", Text, nullable=False),
    Column("grant_id", Text, nullable=False),
    Column("study", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("epsilon", BigInteger, CheckConstraint("epsilon >= 0"), nullable=False),
    Column("delta", BigInteger, CheckConstraint("delta >= 0"), nullable=False),
    Column("rho", BigInteger, CheckConstraint("rho >= 0"), nullable=False, server_default="0"),
    Column("ask_digest", Text, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("changed", Text, nullable=False),
    Column("audit_seq", BigInteger, ForeignKey("audit_log.seq")),
    CheckConstraint(
        "state IN ('reserved', 'touched', 'committed', 'settled', 'cancelled')", name="known_state"
    ),
    # A charge without its audit row cannot be written.
    CheckConstraint("(audit_seq IS NULL) = (state IN ('reserved', 'touched'))", name="charged_is_audited"),
)  # fmt: skip

_LIVE_REQUEST = text("state <> 'cancelled'")
_LIVE_ASK = text("state IN ('reserved', 'touched', 'committed')")
_OPEN = text("state IN ('reserved', 'touched')")
Index(
    "one_reservation_per_request",
    reservations.c.study, reservations.c.project, reservations.c.user, reservations.c.request_id,
    unique=True, sqlite_where=_LIVE_REQUEST, postgresql_where=_LIVE_REQUEST,
)  # fmt: skip
# Of identical questions in a project one is paid: the second waits for the first one's answer.
Index(
    "one_payment_per_ask",
    reservations.c.study, reservations.c.project, reservations.c.data_version, reservations.c.ask_digest,
    unique=True, sqlite_where=_LIVE_ASK, postgresql_where=_LIVE_ASK,
)  # fmt: skip
Index("open_reservations", reservations.c.state, sqlite_where=_OPEN, postgresql_where=_OPEN)

releases = Table(
    "releases", metadata,
    Column("id", Text, primary_key=True),
    Column("reservation_id", Text, ForeignKey("reservations.id"), nullable=False, unique=True),
    Column("digest", Text, nullable=False),
    Column("study", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("envelope", Text, nullable=False),
    Column("created", Text, nullable=False),
    UniqueConstraint("study", "project", "data_version", "digest", name="one_release_per_ask"),
)  # fmt: skip

protected_runs = Table(
    "protected_runs", metadata,
    Column("id", Text, primary_key=True),
    Column("grant_id", Text, nullable=False),
    Column("study", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("ask", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("audit_seq", BigInteger, ForeignKey("audit_log.seq"), nullable=False),
)  # fmt: skip

# What protected code handed over, sealed until a checker has decided. `content` is null where nothing came.
protected_objects = Table(
    "protected_objects", metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", Text, ForeignKey("protected_runs.id"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("content", Text),
    Column("evidence", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("votes", Text, nullable=False),
    Column("decided", Text),
    Column("reason", Text),
    Column("release_id", Text, ForeignKey("releases.id")),
    CheckConstraint("state IN ('pending', 'approved', 'rejected')", name="known_object_state"),
    CheckConstraint("(state = 'pending') = (decided IS NULL)", name="decided_or_pending"),
    CheckConstraint("(state = 'approved') = (release_id IS NOT NULL)", name="approved_is_released"),
    UniqueConstraint("run_id", "name", name="one_object_per_name"),
)  # fmt: skip
Index("objects_by_state", protected_objects.c.state)

# The patients behind each row of an object, as its code named them. As secret as rows.
protected_sets = Table(
    "protected_sets", metadata,
    Column("object_id", Text, ForeignKey("protected_objects.id"), primary_key=True),
    Column("cell", BigInteger, primary_key=True),
    Column("patients", LargeBinary, nullable=False),
)  # fmt: skip

datasets = Table(
    "datasets", metadata,
    Column("name", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("study", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("created", Text, nullable=False),
)  # fmt: skip

# The set behind each cell that was published exactly, for comparison with later questions: Roaring bitmaps of patients'
# codes, and of rows where a patient may have several.
released_sets = Table(
    "released_sets", metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("release_id", Text, ForeignKey("releases.id"), nullable=False),
    Column("measure", Text, nullable=False),
    Column("cell", BigInteger, nullable=False),
    Column("study", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("statistic", Text, nullable=False),
    Column("patients", LargeBinary, nullable=False),
    Column("records", LargeBinary),
    UniqueConstraint("release_id", "measure", "cell", name="one_set_per_cell"),
)  # fmt: skip
Index("sets_of_a_project", released_sets.c.study, released_sets.c.project)
Index("sets_of_a_person", released_sets.c.study, released_sets.c.user)

# What a checker may see of an exact release besides its numbers: patients behind each cell, rules and their margins.
release_evidence = Table(
    "release_evidence", metadata,
    Column("release_id", Text, ForeignKey("releases.id"), primary_key=True),
    Column("evidence", Text, nullable=False),
)  # fmt: skip
