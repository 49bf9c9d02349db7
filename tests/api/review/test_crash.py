"""Kill the vault between any two steps of any deed: a request is where it was or where it was going, never between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kernel_guard.review.deeds import CHECKPOINTS, Call
from kernel_guard.review.states import State
from kernel_guard.trust.people import Role
from kernel_guard.trust.store import sqlite_url
from tests.lib.desks import P, Room, key, open_room

ROOT = Path(__file__).parents[3]
WAY = ("edit", "submit", "vote", "return", "approve", "release", "withdraw", "comment")
STEPS = [f"{deed}.{step}" for deed in WAY for step in CHECKPOINTS] + ["release.read", "release.built"]
BEFORE = {"edit": "draft", "submit": "draft", "vote": "submitted", "return": "in_review", "approve": "in_review",
          "release": "approved", "withdraw": "submitted", "comment": "submitted"}  # fmt: skip
AFTER = {"edit": "draft", "submit": "submitted", "vote": "in_review", "return": "returned", "approve": "approved",
         "release": "released", "withdraw": "withdrawn", "comment": "submitted"}  # fmt: skip

CHILD = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    from tests.api.review.test_crash import do
    from tests.lib.desks import open_room

    folder, deed, step, url = Path(sys.argv[1]), *sys.argv[2:]

    def die(name):
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    do(open_room(url, folder, checkpoint=die), deed)
""")


def do(room: Room, deed: str):
    """Do the one deed under test, as the page would, under a key of its own."""
    ana, bea = room.actor("ana", Role.RESEARCHER), room.actor("bea", Role.CHECKER)
    line = room.reading.listed(ana.person, {"view": "mine"})["requests"][0]
    call = Call("the-click", line["revision"])
    with room.store.read() as tx:
        from kernel_guard.review import records

        content = records.load(tx, line["id"]).content
    ballots = [{"item": i.id, "vote": "approve"} for i in content.items]
    groups = [{"id": "g1", "context": "New words.", "controls": ""}]
    deeds = {
        "edit": lambda: room.reviews.set_groups(ana, line["id"], groups, call),
        "submit": lambda: room.reviews.submit(ana, line["id"], call),
        "vote": lambda: room.reviews.vote(bea, line["id"], ballots, call),
        "return": lambda: room.reviews.give_back(bea, line["id"], "Mend it.", call),
        "approve": lambda: room.reviews.approve(bea, line["id"], "", call),
        "release": lambda: room.reviews.release(bea, line["id"], call),
        "withdraw": lambda: room.reviews.withdraw(ana, line["id"], "", call),
        "comment": lambda: room.reviews.comment(bea, line["id"], "Which years?", "public", "", call),
    }
    return deeds[deed]()


def prepare(url: str, folder: Path, deed: str) -> Room:
    """A room whose one request stands before `deed`."""
    room = open_room(url, folder)
    ana, bea = room.actor("ana", Role.RESEARCHER), room.actor("bea", Role.CHECKER)
    request = room.draft(ana)
    if deed not in ("edit", "submit"):
        request = room.reviews.submit(ana, request.id, key(request))
    if deed in ("return", "approve", "release"):
        request = room.vote(bea, request)
    if deed == "release":
        request = room.reviews.approve(bea, request.id, "", key(request))
    assert request.state.value == BEFORE[deed]
    return room


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_killed_at(step: str, url: str, tmp_path: Path) -> None:
    deed = step.partition(".")[0]
    prepare(url, tmp_path, deed).store.close()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CHILD, str(tmp_path), deed, step, url]
    done = subprocess.run(command, capture_output=True, timeout=120, env=environment, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    room = open_room(url, tmp_path)
    durable = step.endswith("durable")
    (found,) = room.reading.listed(room.actor("ana", Role.RESEARCHER).person, {"view": "mine"})["requests"]
    assert found["state"] == (AFTER if durable else BEFORE)[deed]
    # The same click once more: done now, and done once.
    again = do_again(room, deed)
    assert again.state.value == AFTER[deed]
    page = room.reading.page(room.actor("bea", Role.CHECKER), again.id) if deed != "edit" else {"history": []}
    assert sum(d["action"] == deed for d in page["history"]) <= 1
    if deed == "vote":
        assert page["items"][0]["votes_in"] == 1
    if deed == "comment":
        assert len(page["comments"]) == 1
    if deed == "release":
        assert room.reading.bundle(room.people["ana"], again.id).content[:2] == b"PK"
    assert room.audit.verify_chain().intact
    assert room.sweep_is_quiet()


def do_again(room: Room, deed: str):
    if deed == "edit":
        return do(room, deed)
    with room.store.read() as tx:
        from kernel_guard.review import records
        from kernel_guard.trust.store.review_tables import review_requests

        request = records.load(tx, tx.execute(review_requests.select()).mappings().one()["id"])
    if request.state in (State.WITHDRAWN,):
        return room.reviews.withdraw(room.actor("ana", Role.RESEARCHER), request.id, "", Call("the-click", 1))
    return do(room, deed)


def test_an_automatic_release_that_was_interrupted_is_finished_by_the_sweep(tmp_path: Path) -> None:
    class Stop(Exception):
        """Stands for the process's end."""

    def stop(name: str) -> None:
        if name == "release.read":
            raise Stop

    room = open_room(sqlite_url(tmp_path / "store.sqlite"), tmp_path, checkpoint=stop)
    room.policies.set(P, {"checkers": {"sdc": 0}}, by="test")
    with pytest.raises(Stop):
        room.submitted(room.actor("ana", Role.RESEARCHER))
    room.store.close()
    again = open_room(sqlite_url(tmp_path / "store.sqlite"), tmp_path)
    assert again.reviews.sweep() == 1 and again.reviews.sweep() == 0
    (found,) = again.reading.listed(again.actor("ana", Role.RESEARCHER).person, {"view": "mine"})["requests"]
    assert found["state"] == "released"
