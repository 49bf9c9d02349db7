"""Whichever way a notebook comes into the folder, it holds only outputs that a guarded kernel showed."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from kernel_guard.trust.labels import KEY
from kernel_guard.wrapper.labels import Labeller
from kernel_guard.wrapper.notebook.admission import Admission
from tests.lib.guarded import published

CANARY = "canary-4711"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "wrapper.key"


@pytest.fixture
def jp_server_config(jp_server_config, key_file):
    key_file.parent.mkdir()
    jp_server_config.GuardContentsManager.admit_notebook = Admission(key_file)
    return jp_server_config


def notebook(*outputs: dict[str, Any]) -> dict[str, Any]:
    cell = {
        "cell_type": "code", "id": "c1", "metadata": {}, "source": "x", "execution_count": 1, "outputs": list(outputs),
    }  # fmt: skip
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def signed(key_file):
    data = {"text/plain": "signed-value"}
    label = Labeller(published(key_file)).label("open", data, "x", [])
    return {"output_type": "display_data", "data": data, "metadata": {KEY: label}}


UNSIGNED = [
    {"output_type": "stream", "name": "stdout", "text": CANARY},
    {"output_type": "display_data", "data": {"text/plain": CANARY}, "metadata": {}},
    {"output_type": "error", "ename": CANARY, "evalue": CANARY, "traceback": [CANARY]},
]


@pytest.fixture
def mixed(signed):
    return notebook(signed, *UNSIGNED)


async def put(jp_fetch, path, content, **model):
    body = json.dumps({"type": "notebook", "format": "json", "content": content, **model})
    return await jp_fetch("api/contents", path, method="PUT", body=body)


def assert_clean(root: Path) -> None:
    """The signed output stands in every notebook, the canary in no file."""
    notebooks = list(root.rglob("*.ipynb"))
    assert notebooks
    for path in notebooks:
        assert "signed-value" in path.read_text(), path
    for path in root.rglob("*"):
        assert path.is_dir() or CANARY not in path.read_text(), path


async def test_a_save(jp_fetch, jp_root_dir, mixed):
    await put(jp_fetch, "a.ipynb", mixed)
    assert_clean(jp_root_dir)


async def test_a_save_in_an_older_format(jp_fetch, jp_root_dir):
    cell = {"cell_type": "code", "input": "x", "language": "python", "metadata": {}, "collapsed": False,
            "outputs": [{"output_type": "stream", "stream": "stdout", "text": CANARY}], "prompt_number": 1}  # fmt: skip
    old = {"worksheets": [{"cells": [cell], "metadata": {}}], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}
    with pytest.raises(HTTPClientError):
        await put(jp_fetch, "a.ipynb", old)
    assert not any(CANARY in path.read_text() for path in jp_root_dir.rglob("*.ipynb"))


@pytest.mark.parametrize("form", ["text", "base64"])
async def test_an_upload(jp_fetch, jp_root_dir, mixed, form):
    text = json.dumps(mixed)
    content = text if form == "text" else base64.b64encode(text.encode()).decode()
    await put(jp_fetch, "a.ipynb", content, type="file", format=form)
    assert_clean(jp_root_dir)
    assert [path.name for path in jp_root_dir.iterdir() if path.is_file()] == ["a.ipynb"]


async def test_an_upload_in_pieces(jp_fetch, jp_root_dir, mixed):
    text = json.dumps(mixed)
    half = len(text) // 2
    await put(jp_fetch, "a.ipynb", text[:half], type="file", format="text", chunk=1)
    assert not (jp_root_dir / "a.ipynb").exists()
    await put(jp_fetch, "a.ipynb", text[half:], type="file", format="text", chunk=-1)
    assert_clean(jp_root_dir)


async def test_an_upload_that_is_no_notebook(jp_fetch, jp_root_dir, mixed):
    await put(jp_fetch, "a.ipynb", mixed)
    before = (jp_root_dir / "a.ipynb").read_text()
    with pytest.raises(HTTPClientError) as refused:
        await put(jp_fetch, "a.ipynb", f"[{CANARY}", type="file", format="text")
    assert refused.value.code == 403 and CANARY.encode() not in refused.value.response.body
    assert (jp_root_dir / "a.ipynb").read_text() == before


async def test_a_rename(jp_fetch, jp_root_dir, mixed):
    await put(jp_fetch, "a.txt", json.dumps(mixed), type="file", format="text")
    await jp_fetch("api/contents/a.txt", method="PATCH", body=json.dumps({"path": "a.ipynb"}))
    assert_clean(jp_root_dir)


async def test_a_rename_of_what_is_no_notebook_is_undone(jp_fetch, jp_root_dir):
    await put(jp_fetch, "a.txt", CANARY, type="file", format="text")
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch("api/contents/a.txt", method="PATCH", body=json.dumps({"path": "a.ipynb"}))
    assert refused.value.code == 403
    assert (jp_root_dir / "a.txt").exists() and not (jp_root_dir / "a.ipynb").exists()


async def test_a_copy(jp_fetch, jp_root_dir, mixed):
    (jp_root_dir / "placed.ipynb").write_text(json.dumps(mixed))
    await jp_fetch("api/contents", method="POST", body=json.dumps({"copy_from": "placed.ipynb"}))
    (jp_root_dir / "placed.ipynb").unlink()
    assert_clean(jp_root_dir)


async def test_a_checkpoint(jp_fetch, jp_root_dir, mixed):
    await put(jp_fetch, "a.ipynb", mixed)
    checkpoint = next((jp_root_dir / ".ipynb_checkpoints").glob("*.ipynb"))
    checkpoint.write_text(json.dumps(mixed))
    await jp_fetch("api/contents/a.ipynb/checkpoints/checkpoint", method="POST", allow_nonstandard_methods=True)
    checkpoint.unlink()
    assert_clean(jp_root_dir)


async def test_a_folder_with_a_link_is_not_copied(jp_fetch, jp_root_dir, tmp_path):
    (tmp_path / "secret.txt").write_text(CANARY)
    (jp_root_dir / "folder").mkdir()
    (jp_root_dir / "folder" / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(HTTPClientError):
        await jp_fetch("api/contents", method="POST", body=json.dumps({"copy_from": "folder"}))
    assert not any(path.is_file() and not path.is_symlink() for path in jp_root_dir.rglob("link.txt"))
