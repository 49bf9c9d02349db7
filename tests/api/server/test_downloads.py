"""Nothing leaves through the server but what was approved, by whatever route and under whatever name."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode

import pytest
from tornado.httpclient import HTTPClientError

from kernel_guard.errors import VaultUnavailable

SECRET = b"canary-4711," + b"\x00\xff\x9f" * 40
APPROVED = b"sex,n\nf,120\n" + b"\xff\x00"


@pytest.fixture
def folder(jp_root_dir, fake_vault):
    digest = hashlib.sha256(APPROVED).hexdigest()
    for content in (SECRET, APPROVED, b"plain text canary-4711", b"{}"):
        key = hashlib.sha256(content).hexdigest()
        fake_vault.answers[f"/v1/review/approved/{key}"] = {"approved": key == digest}
    (jp_root_dir / "secret.bin").write_bytes(SECRET)
    (jp_root_dir / "secret.txt").write_bytes(b"plain text canary-4711")
    (jp_root_dir / "approved.bin").write_bytes(APPROVED)
    return jp_root_dir


async def refused(request) -> None:
    with pytest.raises(HTTPClientError) as error:
        await request
    assert error.value.code in (403, 404, 405)
    assert b"canary-4711" not in error.value.response.body


@pytest.mark.parametrize(
    "path",
    [
        "files/secret.bin", "files/secret.txt", "files/secret.txt?download=1", "files/./secret.txt",
        "files/secret.bin/", "api/contents/secret.bin", "api/contents/secret.bin?format=base64&type=file",
        "nbconvert/html/secret.txt", "nbconvert/script/secret.txt?download=1", "files/.ipynb_checkpoints/secret.txt",
    ],
)  # fmt: skip
async def test_no_route_gives_an_unapproved_file(jp_fetch, folder, path):
    address, _, query = path.partition("?")
    parameters = dict(p.split("=") for p in query.split("&")) if query else {}
    await refused(jp_fetch(address, params=parameters))


async def test_an_approved_file_is_given_under_any_name(jp_fetch, folder):
    assert (await jp_fetch("files", "approved.bin")).body == APPROVED
    moved = json.dumps({"path": "other.dat"})
    assert (await jp_fetch("api/contents/approved.bin", method="PATCH", body=moved)).code == 200
    assert (await jp_fetch("files", "other.dat")).body == APPROVED


async def test_a_copy_another_name_or_an_approved_files_name_do_not_help(jp_fetch, folder):
    await refused(jp_fetch("api/contents", method="POST", body=json.dumps({"copy_from": "secret.bin"})))
    (folder / "approved.bin").unlink()
    moved = json.dumps({"path": "approved.bin"})
    await jp_fetch("api/contents/secret.bin", method="PATCH", body=moved)
    await refused(jp_fetch("files", "approved.bin"))


async def test_a_changed_byte_is_another_file(jp_fetch, folder, fake_vault):
    changed = APPROVED + b"\n"
    fake_vault.answers[f"/v1/review/approved/{hashlib.sha256(changed).hexdigest()}"] = {"approved": False}
    (folder / "approved.bin").write_bytes(changed)
    await refused(jp_fetch("files", "approved.bin"))


async def test_what_was_uploaded_does_not_come_out_as_a_download(jp_fetch, folder):
    body = {"type": "file", "format": "base64", "content": b64encode(SECRET).decode()}
    assert (await jp_fetch("api/contents/up.bin", method="PUT", body=json.dumps(body))).code == 201
    await refused(jp_fetch("files", "up.bin"))


async def test_a_checkpoint_is_listed_and_not_sent(jp_fetch, folder):
    made = await jp_fetch("api/contents/secret.txt/checkpoints", method="POST", allow_nonstandard_methods=True)
    assert b"canary" not in made.body
    listed = await jp_fetch("api/contents/secret.txt/checkpoints")
    assert b"canary" not in listed.body
    await refused(jp_fetch("api/contents/secret.txt/checkpoints/checkpoint"))


async def test_a_vault_that_is_down_means_no(jp_fetch, folder, fake_vault):
    fake_vault.error = VaultUnavailable("The vault does not answer.")
    await refused(jp_fetch("files", "approved.bin"))


async def test_text_is_still_opened_by_the_editor(jp_fetch, folder):
    assert json.loads((await jp_fetch("api/contents/secret.txt")).body)["content"].startswith("plain")
