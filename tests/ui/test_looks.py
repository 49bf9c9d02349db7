"""Light, dark, high contrast and Chinese: every panel reads well, and axe finds nothing serious."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lib.pages import command, new_cell, open_lesson, open_page, serious, theme
from tests.ui.conftest import Demo

pytestmark = pytest.mark.ui
PANELS = ("#kernel-guard-catalogue", "#kernel-guard-budget", ".jp-KernelGuard-release", ".jp-KernelGuard-statusItem")
THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")
RELEASE = (
    'import kernel_guard.client as kg\nkg.open("demo-hospital")["person"]'
    '.groupby("gender_concept_id").count_patients().release(epsilon=0.1)'
)


@pytest.fixture(scope="module")
def page(demo: Demo, browser: Any) -> Iterator[Any]:
    with open_page(browser, demo.url) as opened:
        open_lesson(opened)
        new_cell(opened, RELEASE).locator(".jp-KernelGuard-release").wait_for(timeout=60_000)
        command(opened, "kernel-guard:open-catalogue")
        command(opened, "kernel-guard:show-budget")
        opened.locator(".jp-KernelGuard-tree").focus()
        opened.keyboard.press("ArrowDown")
        yield opened


@pytest.mark.parametrize("name", THEMES)
def test_every_panel_in(name: str, page: Any, shots: Path) -> None:
    theme(page, name)
    page.screenshot(path=shots / f"{name.removeprefix('JupyterLab ').lower().replace(' ', '-')}.png")
    found = serious(page, *PANELS)
    theme(page, THEMES[0])
    assert found == []


def test_the_guards_report_says_what_is_closed_and_why(page: Any, shots: Path) -> None:
    command(page, "kernel-guard:explain-closed", topic="terminal")
    dialog = page.get_by_role("dialog")
    assert "where no output is checked" in dialog.inner_text()
    dialog.get_by_role("button", name="Guard report").click()
    report = page.get_by_label("Guard report", exact=True)
    report.get_by_text("forbidden things failed, as they must").first.wait_for(timeout=60_000)
    page.screenshot(path=shots / "guard-report.png")
    assert serious(page, ".jp-KernelGuard-card") == []
    command(page, "application:close")


def test_the_tour_is_offered_walked_and_left(page: Any, shots: Path) -> None:
    command(page, "kernel-guard:start-tour")
    tour = page.locator(".jp-KernelGuard-tour")
    assert "The data’s shape" in tour.inner_text()
    page.keyboard.press("Enter")
    assert "A question" in tour.inner_text()
    page.screenshot(path=shots / "tour.png")
    assert serious(page, ".jp-KernelGuard-tour") == []
    page.keyboard.press("Escape")
    tour.wait_for(state="detached")


def test_chinese_is_chosen_in_jupyterlabs_own_menu(page: Any, shots: Path) -> None:
    with page.expect_navigation(timeout=60_000):
        page.evaluate("""async () => {
          const app = window.jupyterapp;
          await app.serviceManager.settings.save('@jupyterlab/translation-extension:plugin', '{"locale": "zh_CN"}');
          location.reload();
        }""")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=90_000)
    try:
        page.locator(".jp-KernelGuard-budget").filter(has_text="剩余").wait_for(timeout=30_000)
        command(page, "kernel-guard:open-catalogue")
        command(page, "kernel-guard:show-budget")
        page.get_by_placeholder("搜索表和列").wait_for()
        page.get_by_title("18 列").first.wait_for()
        page.get_by_role("button", name="规划当前单元格").wait_for()
        page.wait_for_timeout(1000)
        page.screenshot(path=shots / "chinese.png")
    finally:
        page.evaluate(
            "window.jupyterapp.serviceManager.settings.save('@jupyterlab/translation-extension:plugin', '{}')"
        )
