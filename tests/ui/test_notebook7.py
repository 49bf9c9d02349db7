"""Notebook 7, without the guard's server half: the same extension loads, and says what is missing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.ui, pytest.mark.slow]


@pytest.fixture
def notebook7(tmp_path: Path) -> Iterator[str]:
    """The address of a plain Notebook 7 server."""
    pytest.importorskip("notebook")
    command = [sys.executable, "-m", "notebook", "--no-browser", "--allow-root", "--ServerApp.port=18899"]
    command += ["--ServerApp.port_retries=20", f"--ServerApp.root_dir={tmp_path}"]
    settings = {"ServerApp": {"jpserver_extensions": {"kernel_guard.server": False}}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(settings))
    log = (tmp_path / "log").open("w+")
    env = os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_DATA_DIR": str(tmp_path)}
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=env)
    found = None
    deadline = time.monotonic() + 90
    while not found and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
        found = re.search(r"http://127\.0\.0\.1:\d+/tree\?token=\w+", (tmp_path / "log").read_text())
    assert found, (tmp_path / "log").read_text()[-2000:]
    yield found[0]
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def test_the_extension_loads_in_notebook_7(notebook7: str, browser: Any, shots: Path) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 800})
    page = context.new_page()
    failed: list[str] = []
    page.on("console", lambda message: failed.append(message.text) if "kernel-guard" in message.text else None)
    page.goto(notebook7, wait_until="networkidle", timeout=120_000)
    page.wait_for_function("document.querySelector('.jp-NotebookShell, #main')", timeout=60_000)
    page.wait_for_timeout(2000)
    page.screenshot(path=shots / "notebook7.png")
    assert [text for text in failed if "activate" in text] == []
    context.close()
