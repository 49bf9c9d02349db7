"""The tables of people and of review, as queries see them; made by the migrations, like those in `tables.py`.

- Versions, votes, comments and history take rows and give none back: triggers refuse update and delete.
- (person, key) is unique in the history: the same click is written once, whoever sends it twice.
- A bundle stands in the store itself, so that it appears in the same transaction as the release that it proves.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, UniqueConstraint

from kernel_guard.trust.store.tables import metadata


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


people = Table(
    "people", metadata,
    Column("user", Text, primary_key=True),
    *_texts("name", "source", "created"),
    Column("secret", Text),
    Column("disabled", Text),
)  # fmt: skip

roles = Table(
    "roles", metadata,
    Column("id", Text, primary_key=True),
    *_texts("user", "project", "role", "by", "created", "expires"),
    Column("revoked", Text),
)  # fmt: skip
Index("roles_of_user", roles.c.user)

sessions = Table(
    "sessions", metadata,
    Column("token_sha256", Text, primary_key=True),
    *_texts("user", "how", "created", "seen", "expires"),
    Column("ended", Text),
)  # fmt: skip

sign_in_failures = Table(
    "sign_in_failures", metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *_texts("user", "time"),
)  # fmt: skip
Index("failures_of_user", sign_in_failures.c.user, sign_in_failures.c.time)

review_policies = Table(
    "review_policies", metadata,
    Column("project", Text, primary_key=True),
    *_texts("policy", "by", "changed"),
)  # fmt: skip

review_requests = Table(
    "review_requests", metadata,
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    *_texts("title", "project", "study", "state", "creator", "content", "created", "submitted", "expires", "changed"),
    Column("version", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),  # the revision at which the present version was submitted
    Column("risk", BigInteger, nullable=False),
    Column("checkers", BigInteger, nullable=False),
)  # fmt: skip
Index("requests_by_state", review_requests.c.state, review_requests.c.project, review_requests.c.number)
Index("requests_by_project", review_requests.c.project, review_requests.c.number)

review_authors = Table(
    "review_authors", metadata,
    Column("user", Text, primary_key=True),
    Column("request", Text, primary_key=True),
)  # fmt: skip

review_versions = Table(
    "review_versions", metadata,
    Column("request", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    *_texts("submitted", "by", "digest", "content", "assessment"),
)  # fmt: skip

review_votes = Table(
    "review_votes", metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *_texts("request", "item", "digest", "by", "vote", "reason", "phase", "time"),
    Column("version", BigInteger, nullable=False),
)  # fmt: skip
Index("votes_of_request", review_votes.c.request)

review_comments = Table(
    "review_comments", metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *_texts("request", "by", "role", "time", "text", "visibility", "item"),
)  # fmt: skip
Index("comments_of_request", review_comments.c.request)

review_history = Table(
    "review_history", metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *_texts("request", "time", "by", "action", "state", "reason", "key"),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("by", "key", name="one_deed_per_key"),
)  # fmt: skip
Index("history_of_request", review_history.c.request)

review_notices = Table(
    "review_notices", metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *_texts("user", "time", "kind", "request", "text"),
    Column("read", Text),
)  # fmt: skip
Index("notices_of_user", review_notices.c.user, review_notices.c.id)

review_outbox = Table(
    "review_outbox", metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *_texts("channel", "address", "payload", "due"),
    Column("tries", BigInteger, nullable=False),
    Column("sent", Text),
)  # fmt: skip

review_released = Table(
    "review_released", metadata,
    Column("project", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("request", Text, nullable=False),
)  # fmt: skip

wrapper_keys = Table(
    "wrapper_keys", metadata,
    Column("keyid", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("project", Text, primary_key=True),
    *_texts("public", "created"),
)  # fmt: skip

review_bundles = Table(
    "review_bundles", metadata,
    Column("request", Text, primary_key=True),
    *_texts("name", "sha256", "created"),
    Column("content", LargeBinary, nullable=False),
)  # fmt: skip
