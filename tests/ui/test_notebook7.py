"""Notebook 7: the same extension, guarded with badges, budget and planner; and without a guard, where it says so."""

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

from tests.lib.pages import command, new_cell, open_lesson, serious
from tests.ui.conftest import NOTEBOOK, running_demo

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


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[Any]:
    """The lesson's page in a guarded Notebook 7."""
    with running_demo(tmp_path_factory.mktemp("notebook7"), NOTEBOOK) as demo:
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        page = context.new_page()
        page.goto(demo.url, wait_until="domcontentloaded")
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=90_000)
        page.add_style_tag(content=".Toastify { display: none }")
        open_lesson(page)
        yield page
        context.close()


def test_a_release_has_its_badge_and_its_mark(lesson: Any, shots: Path) -> None:
    code = 'import kernel_guard.client as kg\nperson = kg.open("demo-hospital")["person"]\n'
    cell = new_cell(lesson, code + 'person.groupby("gender_concept_id").count_patients().release(epsilon=0.1)')
    cell.locator(".jp-KernelGuard-badge[data-route='dp']").wait_for(timeout=60_000)
    assert cell.locator(".jp-KernelGuard-gutter").get_attribute("data-zone") == "released"
    assert cell.locator("abbr").first.inner_text() == "Male"
    lesson.screenshot(path=shots / "notebook7-release.png")


def test_budget_and_level_stand_at_the_top(lesson: Any, shots: Path) -> None:
    lesson.locator(".jp-KernelGuard-budget").filter(has_text="9.9 left").wait_for(timeout=20_000)
    assert "synthetic data only" in lesson.locator(".jp-KernelGuard-level").inner_text()
    lesson.locator(".jp-KernelGuard-budget").click()
    panel = lesson.locator("#kernel-guard-budget")
    panel.get_by_role("button", name="Plan the active cell").wait_for()
    command(lesson, "kernel-guard:open-report")
    lesson.locator(".jp-KernelGuard-card").filter(has_text="closed here").first.wait_for(state="attached")
    lesson.screenshot(path=shots / "notebook7-budget.png")
    assert serious(lesson, "#kernel-guard-budget", ".jp-KernelGuard-statusItem", ".jp-KernelGuard-release") == []


def test_the_planner_is_a_widget_here_too(lesson: Any) -> None:
    code = "from kernel_guard.client.widgets import Planner\nPlanner(person.count_patients())"
    cell = new_cell(lesson, code)
    cell.get_by_role("button", name="Release for ε").click(timeout=60_000)
    cell.get_by_text("patients").first.wait_for()
    assert cell.locator("img").count() == 1
