"""Messages go out to real servers on loopback, wait when those are down, and carry nothing that somebody wrote."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from kernel_guard.review.notices import Channel
from kernel_guard.review.post import MAX_TRIES, Post
from kernel_guard.trust.people import Role
from kernel_guard.trust.store import sqlite_url
from kernel_guard.trust.store.review_tables import review_outbox
from tests.lib.desks import Room, key, open_room, table


@dataclass
class Mail:
    host: str
    port: int
    sender: str = "kernel-guard@example"
    tls: bool = False


class Inbox:
    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        return "250 OK"


class Hook(BaseHTTPRequestHandler):
    got: list[dict[str, Any]] = []
    status = 200

    def do_POST(self) -> None:
        Hook.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(Hook.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.got, Hook.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, Mail]]:
    box = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, Mail("127.0.0.1", port)
    controller.stop()


def submitted(tmp_path: Path, *channels: Channel) -> Room:
    room = open_room(sqlite_url(tmp_path / "store.sqlite"), tmp_path, channels=channels)
    ana = room.actor("ana", Role.RESEARCHER)
    room.actor("bea", Role.CHECKER)
    room.actor("carl@other.example", Role.CHECKER)
    request = room.draft(ana, table(name="Canary title 4711"))
    room.reviews.submit(ana, request.id, key(request))
    return room


def test_each_checker_gets_one_mail_and_the_hook_one_message(
    tmp_path: Path, hook: str, inbox: tuple[Inbox, Mail]
) -> None:
    box, mail = inbox
    room = submitted(tmp_path, Channel("webhook", hook), Channel("smtp", "hospital.example"))
    post = Post(room.store, mail, now=room.clock)
    assert post.deliver() == 3 and post.deliver() == 0
    assert sorted(m.rcpt_tos[0] for m in box.mails) == ["bea@hospital.example", "carl@other.example"]
    assert Hook.got == [{"kind": "submitted", "number": 1, "project": "p1", "time": Hook.got[0]["time"],
                         "text": "Request 1 waits for your vote."}]  # fmt: skip
    everything = json.dumps(Hook.got) + "".join(m.content.decode() for m in box.mails)
    assert "Canary" not in everything and "A request" not in everything and "120" not in everything


def test_a_server_that_is_down_is_tried_again_later_and_given_up_in_the_end(tmp_path: Path, hook: str) -> None:
    Hook.status = 500
    room = submitted(tmp_path, Channel("webhook", hook))
    post = Post(room.store, None, now=room.clock)
    assert post.deliver() == 0 and len(Hook.got) == 1
    assert post.deliver() == 0 and len(Hook.got) == 1
    for _ in range(MAX_TRIES + 3):
        room.clock.turn(days=2)
        post.deliver()
    assert len(Hook.got) == MAX_TRIES
    with room.store.read() as tx:
        assert tx.execute(review_outbox.select()).mappings().one()["sent"] is None


def test_review_goes_on_while_the_mail_server_is_down(tmp_path: Path) -> None:
    room = submitted(tmp_path, Channel("smtp", "hospital.example"))
    assert Post(room.store, Mail("127.0.0.1", 9), now=room.clock).deliver() == 0
    assert room.notifier.mine("bea")["unread"] == 1
    assert room.notifier.read("bea", None)["unread"] == 0
