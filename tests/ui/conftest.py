"""A real demo, a real Chromium: what a person sees."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.lib.pages import open_page

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
SHOTS = Path(__file__).parent / "output"


@dataclass
class Demo:
    """A running demo: its address with the token, its state folder, what it printed."""

    process: subprocess.Popen[str]
    home: Path
    lines: list[str] = field(default_factory=list)
    url: str = ""

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            found = re.search(r"http://127\.0\.0\.1:\d+/\S*\?token=\w+", line)
            if found and not self.url:
                self.url = found[0]


LAB = ("jupyterlab", "--LabApp.default_url=/lab/tree/01_first_release.ipynb", "--LabApp.expose_app_in_browser=True")
# An operator may allow Notebook 7; the lock-down is the same.
NOTEBOOK = (
    "notebook", "--JupyterNotebookApp.default_url=/notebooks/01_first_release.ipynb",
    "--JupyterNotebookApp.expose_app_in_browser=True", "--GuardServer.allowed_extensions=jupyterlab",
    "--GuardServer.allowed_extensions=kernel_guard.server", "--GuardServer.allowed_extensions=notebook",
)  # fmt: skip


@contextmanager
def running_demo(home: Path, application: Sequence[str] = LAB) -> Iterator[Demo]:
    """A demo of its own in `home`, until the block ends."""
    command = [sys.executable, "-m", "kernel_guard.cli.main", "demo", "--no-browser", "--patients", "3000"]
    command += ["--home", str(home), "--", sys.executable, "-P", "-m", *application, "--ServerApp.ip=127.0.0.1"]
    command += ["--ServerApp.port=18888", "--ServerApp.port_retries=20", "--ServerApp.open_browser=False"]
    with started_demo(command, home) as running:
        yield running


@contextmanager
def started_demo(command: Sequence[str], home: Path) -> Iterator[Demo]:
    """The demo that `command` starts in `home`, once it printed its address, until the block ends."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    running = Demo(process, home)
    threading.Thread(target=running.read, daemon=True).start()
    deadline = time.monotonic() + 120
    while not running.url and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert running.url, "\n".join(running.lines[-40:])
    yield running
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    sync = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package 'chromium'")
    with sync.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def shots() -> Path:
    SHOTS.mkdir(exist_ok=True)
    return SHOTS


@pytest.fixture(scope="module")
def page(demo: Demo, browser: Any) -> Iterator[Any]:
    """The lesson's page, opened once for the tests of a file."""
    with open_page(browser, demo.url) as opened:
        yield opened
