"""A request's whole way at a real vault: ask, submit, two checkers vote blinded, approve, release, verify anywhere."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel_guard.errors import Conflict, Forbidden, KernelGuardError, NotFound, Unauthenticated
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key
from kernel_guard.plan.codec import dumps_ask
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Source
from kernel_guard.trust.people import Role
from kernel_guard.trust.store.times import utc_now
from kernel_guard.vault.config import load_config
from kernel_guard.vault.wiring import open_vault
from tests.lib.vaults import STUDY, Vault

PASSWORD = "correct horse battery"
PEOPLE = {"bea": Role.CHECKER, "carl": Role.CHECKER, "dora": Role.AUDITOR}
ASK = Ask(
    Aggregate(Source(STUDY, "person"), (CountPatients("n"),), (Key("gender_concept_id", (8507, 8532)),)), Route.SDC
)
CONTEXT = "Patients of the synthetic hospital by sex, to describe the study population in table 1 of the planned paper."
CONTROLS = "Counts under ten are masked by the vault and no other output shows parts of this cohort."


class Page:
    """One person's page at the vault."""

    def __init__(self, vault: Vault, token: str) -> None:
        self._client = vault.client(token)

    def get(self, path: str) -> dict[str, Any]:
        return self._client.get_json(f"/v1/{path}")

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        body.setdefault("key", uuid.uuid4().hex)
        return self._client.post_json(f"/v1/{path}", json.dumps(body).encode())

    def act(self, request: dict[str, Any], deed: str, **body: Any) -> dict[str, Any]:
        return self.post(f"review/requests/{request['id']}/{deed}", revision=request["revision"], **body)

    def read(self, request: dict[str, Any]) -> dict[str, Any]:
        return self.get(f"review/requests/{request['id']}")

    def bytes(self, path: str) -> bytes:
        return self._client.get_bytes(f"/v1/{path}")


@pytest.fixture
def running(vault: Vault) -> Iterator[Vault]:
    gate, desk = open_vault(load_config(vault.settings))
    for user, role in PEOPLE.items():
        desk.accounts.create(user, user.title(), PASSWORD, by="test")
        desk.roles.give(user, "*" if role is Role.AUDITOR else "p1", role, utc_now() + timedelta(days=1), by="test")
    desk.policies.set("p1", {"checkers": {"sdc": 2}}, by="test")
    gate.close()
    process = vault.start()
    yield vault
    process.terminate()
    process.wait(20)


def sign_in(vault: Vault, user: str) -> Page:
    stranger = vault.client("x" * 43)
    answer = stranger.post_json("/v1/session", json.dumps({"user": user, "password": PASSWORD}).encode())
    return Page(vault, answer["token"])


def submitted(vault: Vault) -> tuple[Page, dict[str, Any]]:
    ana = Page(vault, vault.token)
    release = vault.client().post_arrow("/v1/releases", dumps_ask(ASK)).statement["id"]
    item = {"kind": "release", "name": "Patients by sex", "content": {"release": release}}
    request = ana.post("review/basket", project="p1", item=item)
    groups = [{"id": "g1", "context": CONTEXT, "controls": CONTROLS}]
    request = ana.act(request, "groups", groups=groups)
    return ana, ana.act(request, "submit")


def test_from_a_question_to_a_bundle_that_anyone_can_verify(running: Vault, tmp_path: Path) -> None:
    ana, request = submitted(running)
    assert request["state"] == "submitted" and request["checkers_needed"] == 2
    evidence = request["items"][0]["evidence"]
    assert {p["band"] for p in evidence["patients"]} <= {"100-499", "50-99"} | {"20-49", ">=500"}
    bea, carl = sign_in(running, "bea"), sign_in(running, "carl")
    assert bea.get("review/requests?view=queue")["requests"][0]["mine_to_vote"]
    assert bea.get("review/notifications")["unread"] == 1

    item = request["items"][0]["id"]
    seen = bea.act(request, "votes", item=item, vote="approve")
    assert seen["phase"] == "independent" and seen["items"][0]["votes"][0]["mine"]
    blinded = carl.read(request)
    assert blinded["items"][0]["votes"] == [] and blinded["items"][0]["votes_hidden"] == 1
    assert ana.read(request)["items"][0]["votes"] == []
    with pytest.raises(Conflict, match="not all in"):
        bea.act(seen, "approve")
    # Carl's page shows the revision before Bea's vote: his vote counts all the same.
    joint = carl.act(request, "votes", item=item, vote="approve")
    assert joint["phase"] == "joint" and len(joint["items"][0]["votes"]) == 2
    approved = carl.act(joint, "approve")
    released = bea.act(approved, "release")
    assert released["state"] == "released" and ana.get("review/notifications")["unread"] >= 2

    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(ana.bytes(f"review/requests/{request['id']}/bundle"))
    keys = tmp_path / "keys.json"
    keys.write_text(run("key", "export", "-c", running.settings))
    said = run("verify", bundle, "--key", keys)
    assert "genuine" in said and "bea" in said and "carl" in said and STUDY in said
    with zipfile.ZipFile(bundle) as archive:
        names = [n.partition("/")[2] for n in archive.namelist()]
        everything = b"".join(archive.read(n) for n in archive.namelist())
    assert {"data/ro-crate-metadata.json", "data/results.json", "manifest-sha512.txt"} <= set(names)
    assert b"masked" not in everything.replace(CONTROLS.encode(), b"")


def test_a_kernels_token_never_votes_and_an_author_never_checks(running: Vault) -> None:
    ana, request = submitted(running)
    item = request["items"][0]["id"]
    with pytest.raises(Forbidden):
        ana.act(request, "votes", item=item, vote="approve")
    with pytest.raises(Forbidden):
        ana.act(request, "approve")


def test_a_role_that_ends_ends_everything_at_once(running: Vault) -> None:
    _, request = submitted(running)
    bea = sign_in(running, "bea")
    assert bea.read(request)["actions"]
    run("role", "end", "--user", "bea", "--project", "p1", "--role", "checker", "-c", running.settings)
    with pytest.raises(NotFound):
        bea.read(request)


def test_a_double_click_is_one_deed_and_a_stale_page_none(running: Vault) -> None:
    ana, request = submitted(running)
    again = ana.act(request, "withdraw", key="once")
    assert ana.act(request, "withdraw", key="once")["revision"] == again["revision"]
    with pytest.raises(KernelGuardError):
        ana.act(request, "withdraw", key="twice")


def test_a_session_ends(running: Vault) -> None:
    bea = sign_in(running, "bea")
    assert bea.get("session")["signed_in"]
    bea.post("session/end")
    with pytest.raises(Unauthenticated):
        bea.get("session")
    with pytest.raises(Unauthenticated):
        running.client("x").post_json("/v1/session", json.dumps({"user": "bea", "password": "wrong"}).encode())


def test_the_log_holds_questions_refusals_views_votes_and_downloads(running: Vault) -> None:
    _, request = submitted(running)
    bea, dora = sign_in(running, "bea"), sign_in(running, "dora")
    bea.read(request)
    bea.act(request, "votes", item=request["items"][0]["id"], vote="request_changes", reason="Say which years.")
    with pytest.raises(NotFound):
        Page(running, running.token).get("releases/unknown")
    page = dora.get("review/audit?limit=500")
    kinds = {r["kind"] for r in page["records"]}
    assert {"question.answered", "release.made", "request.refused", "review.viewed", "review.voted",
            "session.opened", "role.given", "review.policy_set"} <= kinds  # fmt: skip
    assert "request_changes" not in json.dumps([r for r in page["records"] if r["kind"] == "review.voted"])
    assert dora.get("review/audit/verify")["intact"]
    with pytest.raises(Forbidden):
        bea.get("review/audit")
    export = io.BytesIO(dora.bytes("review/audit/export"))
    assert len(export.getvalue().splitlines()) > len(page["records"]) - 5


def run(*arguments: object) -> str:
    command = [sys.executable, "-m", "kernel_guard.cli.main", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
