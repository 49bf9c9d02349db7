"""Sending what waits in the outbox: by webhook and mail, again after a growing pause when it fails.

- One message at a time, each marked in a transaction of its own: a kill in between sends it once more, never not.
- A message that failed eight times (about two days) is given up and stays in the table for the operator to see.
"""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, Protocol

import httpx

from kernel_guard.trust.store import Store
from kernel_guard.trust.store.review_tables import review_outbox
from kernel_guard.trust.store.times import to_text, utc_now

MAX_TRIES = 8
_TIMEOUT = 10.0


class MailServer(Protocol):
    """Where mail goes, and as whom."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def sender(self) -> str: ...
    @property
    def tls(self) -> bool: ...


class Post:
    """Delivers one store's outbox."""

    def __init__(self, store: Store, mail: MailServer | None, *, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._mail = mail
        self._now = now

    def deliver(self, limit: int = 50) -> int:
        """Send what is due; how many messages went."""
        c = review_outbox.c
        query = review_outbox.select().where(c.sent.is_(None), c.due <= to_text(self._now()), c.tries < MAX_TRIES)
        with self._store.read() as tx:
            rows = tx.execute(query.order_by(c.id).limit(limit)).mappings().all()
        return sum(self._send(dict(row)) for row in rows)

    def _send(self, row: dict[str, Any]) -> bool:
        try:
            sent = self._webhook(row) if row["channel"] == "webhook" else self._smtp(row)
        except (httpx.HTTPError, OSError, smtplib.SMTPException, ValueError):
            sent = False
        moment = self._now()
        pause = timedelta(minutes=2 ** row["tries"] * 10)
        done = {"sent": to_text(moment)} if sent else {"tries": row["tries"] + 1, "due": to_text(moment + pause)}
        with self._store.write() as tx:
            tx.execute(review_outbox.update().where(review_outbox.c.id == row["id"]).values(done))
        return sent

    def _webhook(self, row: dict[str, Any]) -> bool:
        answer = httpx.post(row["address"], json=json.loads(row["payload"]), timeout=_TIMEOUT, follow_redirects=False)
        return answer.is_success

    def _smtp(self, row: dict[str, Any]) -> bool:
        if self._mail is None:
            return False
        told = json.loads(row["payload"])
        message = EmailMessage()
        message["From"], message["To"] = self._mail.sender, row["address"]
        message["Subject"] = f"Kernel Guard: request {told['number']} {told['kind']}"
        message.set_content(f"{told['text']}\nProject: {told['project']}\nOpen JupyterLab to see it.\n")
        with smtplib.SMTP(self._mail.host, self._mail.port, timeout=_TIMEOUT) as server:
            if self._mail.tls:
                server.starttls(context=ssl.create_default_context())
            server.send_message(message)
        return True
