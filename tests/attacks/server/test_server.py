"""Every attack of this folder on a locked Jupyter server, by HTTP, fails.

One file each: IDEA, SOURCE and REQUESTS (method, path, body). After them no answer and no notebook may hold the canary,
no kernel but the guarded one may run, nothing outside the folder may have changed; and where ALLOWED is not set, each
request must have been refused.
"""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from kernel_guard.wrapper.notebook.admission import Admission

CANARY = "CANARY"
FILES = sorted(Path(__file__).parent.glob("[0-9]*.py"))


@pytest.fixture
def jp_server_config(jp_server_config, tmp_path):
    (tmp_path / "keys").mkdir()
    jp_server_config.GuardContentsManager.admit_notebook = Admission(tmp_path / "keys" / "wrapper.key")
    return jp_server_config


@pytest.fixture
def outside(jp_root_dir, tmp_path) -> Path:
    """A folder beside the notebooks, with links that lead to it."""
    folder = tmp_path / "outside"
    (jp_root_dir / ".hidden").mkdir()
    (jp_root_dir / "linked").mkdir()
    folder.mkdir()
    for path in (folder / "secret.txt", jp_root_dir.parent / "secret.txt", jp_root_dir / ".hidden" / "secret.txt"):
        path.write_text(CANARY)
    (jp_root_dir / "link.txt").symlink_to(folder / "secret.txt")
    (jp_root_dir / "linked" / "link.txt").symlink_to(folder / "secret.txt")
    (jp_root_dir / "folder").symlink_to(folder)
    return folder


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_nothing_is_gained(path, jp_fetch, jp_serverapp, jp_root_dir, outside):
    attack = runpy.run_path(str(path))
    before = {one: one.read_text() for one in outside.iterdir()}
    answers = [await ask(jp_fetch, request, attack, jp_serverapp) for request in attack["REQUESTS"]]
    assert not any(CANARY.encode() in body for _, body in answers)
    assert "ALLOWED" in attack or all(code >= 400 for code, _ in answers), answers
    manager = jp_serverapp.kernel_manager
    kernels = [manager.get_kernel(one) for one in manager.list_kernel_ids()]
    assert all(kernel.kernel_name == "kernel-guard" for kernel in kernels)
    assert not any({"LD_PRELOAD", "PYTHONPATH"} & kernel._launch_args.get("env", {}).keys() for kernel in kernels)
    assert {one: one.read_text() for one in outside.iterdir()} == before
    assert not any(CANARY in one.read_text() for one in jp_root_dir.rglob("*.ipynb"))
    await manager.shutdown_all(now=True)


async def ask(
    jp_fetch: Any, request: tuple[str, str, str | None], attack: dict[str, Any], app: Any
) -> tuple[int, bytes]:
    method, path, body = request
    if path.endswith("/LAST"):
        sessions = await app.session_manager.list_sessions()
        path = path.replace("LAST", sessions[-1]["id"])
    headers: dict[str, str] = {}
    if "ANONYMOUS" in attack:
        headers["Authorization"] = "token wrong"
    if "FOREIGN" in attack:
        headers |= {"Origin": "https://example.org", "Authorization": "", "Cookie": "username-x=y"}
    options = {"body": body} if body is not None else {}
    try:
        answer = await jp_fetch(path, method=method, headers=headers, allow_nonstandard_methods=True, **options)
    except HTTPClientError as error:
        return error.code, error.response.body if error.response else b""
    return answer.code, answer.body


def test_each_says_what_it_is() -> None:
    for path in FILES:
        attack = runpy.run_path(str(path))
        assert attack["IDEA"] and attack["SOURCE"] and json.dumps(attack["REQUESTS"])
