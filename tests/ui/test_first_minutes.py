"""A person's first minutes: the page opens, the lesson runs, a release with its badge is seen, the budget changes.

The screenshots in `output/` are for people to look at, in light and dark.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ui.conftest import Demo

pytestmark = pytest.mark.ui
IDLE = ".jp-Notebook-ExecutionIndicator[data-status='idle']"


@pytest.fixture
def page(demo: Demo, browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1500, "height": 950})
    opened = context.new_page()
    opened.goto(demo.url, wait_until="domcontentloaded")
    opened.wait_for_selector("#jupyterlab-splash", state="detached", timeout=90_000)
    yield opened
    context.close()


def open_lesson(page: Any) -> None:
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell", timeout=60_000)
    page.wait_for_selector(f".jp-NotebookPanel:not(.lm-mod-hidden) {IDLE}", timeout=60_000)


def new_cell(page: Any, code: str) -> Any:
    """Run code in a new last cell; gives that cell."""
    page.keyboard.press("Escape")
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-footer").click()
    cell = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell").last
    cell.locator(".cm-content").click()
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(300)
    page.wait_for_selector(f".jp-NotebookPanel:not(.lm-mod-hidden) {IDLE}", timeout=60_000)
    return cell


def choose(page: Any, *path: str) -> None:
    """Click through the menu bar, as a person does."""
    page.locator("#jp-MainMenu .lm-MenuBar-item").filter(has_text=path[0]).click()
    for entry in path[1:]:
        label = page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).last
        label.hover()
        if entry == path[-1]:
            label.click()


def budget(page: Any) -> str:
    return str(page.locator(".jp-KernelGuard-budget").inner_text())


def test_the_lesson_runs_and_a_release_is_seen(page: Any, shots: Path) -> None:
    open_lesson(page)
    page.wait_for_selector(".jp-KernelGuard-budget")
    before = budget(page)
    page.locator(".jp-NotebookPanel .jp-Notebook").first.click()
    choose(page, "Run", "Run All Cells")
    page.wait_for_selector(".jp-KernelGuard-release", timeout=120_000)
    page.wait_for_selector(f".jp-NotebookPanel:not(.lm-mod-hidden) {IDLE}", timeout=120_000)
    release = page.locator(".jp-KernelGuard-release:visible").first
    release.scroll_into_view_if_needed()
    release.locator(".jp-KernelGuard-badge").filter(has_text="ε").wait_for()
    page.wait_for_timeout(1500)
    assert budget(page) != before
    release.evaluate("shown => shown.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(500)
    page.screenshot(path=shots / "release-light.png")
    choose(page, "Settings", "Theme", "JupyterLab Dark")
    page.wait_for_timeout(1500)
    page.screenshot(path=shots / "release-dark.png")
    choose(page, "Settings", "Theme", "JupyterLab Light")


def test_the_catalogue_shows_the_schema_and_inserts(page: Any, shots: Path) -> None:
    open_lesson(page)
    page.locator("[data-id='kernel-guard-catalogue']").click()
    search = page.locator(".jp-KernelGuard-catalogue input")
    search.fill("year_of_birth")
    page.get_by_role("treeitem").filter(has_text="year_of_birth").first.wait_for()
    page.screenshot(path=shots / "catalogue.png")


def test_a_leak_is_seen_withheld(page: Any, shots: Path) -> None:
    open_lesson(page)
    forged = {"application/vnd.kernel-guard.release+json": {"statement": {"id": "forged"}}, "text/plain": "FORGED"}
    cell = new_cell(page, f"from IPython.display import display\ndisplay({forged!r}, raw=True)")
    cell.locator(".jp-KernelGuard-notice[data-level='withheld']").wait_for(timeout=20_000)
    assert cell.locator(".jp-KernelGuard-release").count() == 0
    script = "from IPython.display import HTML\nHTML('<b>bold</b><script>window.stolen = 1</script>')"
    cell = new_cell(page, script)
    assert page.evaluate("window.stolen") is None
    page.screenshot(path=shots / "withheld.png")


def test_no_other_kernel_can_be_started(page: Any) -> None:
    status = page.evaluate("""async () => {
      const xsrf = document.cookie.match(/_xsrf=([^;]+)/)[1];
      const body = JSON.stringify({name: 'python3'});
      const answer = await fetch('/api/kernels', {method: 'POST', body, headers: {'X-XSRFToken': xsrf}});
      return answer.status;
    }""")
    assert status in (403, 404, 500, 501)
