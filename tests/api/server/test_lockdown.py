"""What a signed-in researcher with a REST client tries, and does not get."""

from __future__ import annotations

import hashlib
import json

import pytest
from tornado.httpclient import HTTPClientError


async def refused(request) -> HTTPClientError:
    with pytest.raises(HTTPClientError) as error:
        await request
    return error.value


@pytest.mark.parametrize("name", ["python3", "other", "KERNEL-GUARD", "../other", ""])
async def test_no_other_kernel_starts_through_kernels(jp_fetch, jp_serverapp, name):
    body = json.dumps({"name": name})
    if not name:  # an empty name means the default, which is the guarded kernel
        assert jp_serverapp.kernel_manager.default_kernel_name == "kernel-guard"
        return
    error = await refused(jp_fetch("api/kernels", method="POST", body=body))
    assert error.code == 403
    assert not jp_serverapp.kernel_manager.list_kernel_ids()


async def test_no_other_kernel_starts_through_sessions(jp_fetch, jp_serverapp):
    body = json.dumps({"path": "a.ipynb", "type": "notebook", "name": "a", "kernel": {"name": "python3"}})
    error = await refused(jp_fetch("api/sessions", method="POST", body=body))
    assert error.code == 501
    assert "not available" in json.loads(error.response.body)["message"]
    assert not jp_serverapp.kernel_manager.list_kernel_ids()


async def test_only_the_guarded_kernel_is_listed(jp_fetch):
    answer = json.loads((await jp_fetch("api/kernelspecs")).body)
    assert list(answer["kernelspecs"]) == ["kernel-guard"]
    assert (await refused(jp_fetch("api/kernelspecs/other"))).code == 404


async def test_a_kernel_takes_no_environment_and_no_folder(jp_serverapp, jp_root_dir):
    (jp_root_dir / "sub").mkdir()
    manager = jp_serverapp.kernel_manager
    kernel_id = await manager.start_kernel(
        kernel_name="kernel-guard", env={"LD_PRELOAD": "x.so"}, path="sub", extra_arguments=["--debug"], cwd="/"
    )
    try:
        provisioner = manager.get_kernel(kernel_id).provisioner
        launched = manager.get_kernel(kernel_id)._launch_args
        assert provisioner is not None
        assert "LD_PRELOAD" not in launched.get("env", {})
        assert "extra_arguments" not in launched
        assert launched["cwd"] == str(jp_root_dir)
    finally:
        await manager.shutdown_kernel(kernel_id, now=True)


async def test_a_link_out_of_the_folder_is_not_read(jp_fetch, jp_root_dir, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("canary-4711")
    (jp_root_dir / "link.txt").symlink_to(secret)
    (jp_root_dir / "folder").symlink_to(tmp_path)
    for path in ("link.txt", "folder/secret.txt", "folder"):
        for door in ("api/contents", "files"):
            error = await refused(jp_fetch(door, path))
            assert error.code in (403, 404)
            assert b"canary-4711" not in error.response.body
    listing = (await jp_fetch("api/contents")).body
    assert b"link.txt" not in listing


async def test_a_link_is_not_written_through(jp_fetch, jp_root_dir, tmp_path):
    target = tmp_path / "target.txt"
    target.write_text("before")
    (jp_root_dir / "link.txt").symlink_to(target)
    body = json.dumps({"type": "file", "format": "text", "content": "after"})
    assert (await refused(jp_fetch("api/contents/link.txt", method="PUT", body=body))).code == 404
    assert target.read_text() == "before"


async def test_a_linked_checkpoint_folder_is_not_used(jp_fetch, jp_root_dir, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (jp_root_dir / ".ipynb_checkpoints").symlink_to(outside)
    (jp_root_dir / "a.txt").write_text("text")
    error = await refused(jp_fetch("api/contents/a.txt/checkpoints", method="POST", allow_nonstandard_methods=True))
    assert error.code == 404
    assert not list(outside.iterdir())


async def test_files_of_the_folder_still_work(jp_fetch, jp_root_dir, fake_vault):
    fake_vault.answers[f"/v1/review/approved/{hashlib.sha256(b'hello').hexdigest()}"] = {"approved": False}
    (jp_root_dir / "sub").mkdir()
    body = json.dumps({"type": "file", "format": "text", "content": "hello"})
    assert (await jp_fetch("api/contents/sub/a.txt", method="PUT", body=body)).code == 201
    assert json.loads((await jp_fetch("api/contents/sub/a.txt")).body)["content"] == "hello"
    assert (await refused(jp_fetch("files/sub/a.txt"))).code == 403
    saved = await jp_fetch("api/contents/sub/a.txt/checkpoints", method="POST", allow_nonstandard_methods=True)
    assert saved.code == 201


async def test_a_root_that_is_itself_a_link_works(jp_serverapp, jp_root_dir, tmp_path):
    (jp_root_dir / "a.txt").write_text("text")
    alias = tmp_path / "alias"
    alias.symlink_to(jp_root_dir)
    jp_serverapp.contents_manager.root_dir = str(alias)
    assert (await jp_serverapp.contents_manager.get("a.txt"))["content"] == "text"


async def test_a_notebook_that_cannot_be_checked_is_not_saved(jp_fetch, jp_serverapp, jp_root_dir):
    def broken(content):
        raise KeyError("label")

    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    body = json.dumps({"type": "notebook", "content": notebook})
    jp_serverapp.contents_manager.admit_notebook = broken
    assert (await refused(jp_fetch("api/contents/a.ipynb", method="PUT", body=body))).code == 403
    assert not (jp_root_dir / "a.ipynb").exists()
    jp_serverapp.contents_manager.admit_notebook = lambda content: {**content, "metadata": {"admitted": True}}
    assert (await jp_fetch("api/contents/a.ipynb", method="PUT", body=body)).code == 201
    assert json.loads((jp_root_dir / "a.ipynb").read_text())["metadata"] == {"admitted": True}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "nbconvert/html/a.ipynb", None),
        ("PATCH", "api/config/notebook", "{}"),
        ("POST", "api/shutdown", ""),
    ],
)
async def test_what_the_table_does_not_name_is_denied(jp_fetch, jp_root_dir, method, path, body):
    (jp_root_dir / "a.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    assert (await refused(jp_fetch(path, method=method, body=body))).code == 403


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_there_are_no_terminals(jp_fetch, method):
    error = await refused(jp_fetch("api/terminals", method=method, allow_nonstandard_methods=True))
    assert error.code == 404


async def test_the_page_carries_its_policy(jp_fetch):
    policy = (await jp_fetch("kernel-guard/api/status")).headers["Content-Security-Policy"]
    assert "connect-src 'self'" in policy
    assert "object-src 'none'" in policy
