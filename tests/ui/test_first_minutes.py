"""A person's first minutes: the page opens, the lesson runs, a release with its badge is seen, the budget changes.

The screenshots in `output/` are for people to look at, in light and dark.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lib.pages import new_cell, open_lesson, run_lesson, show_cell, theme

pytestmark = pytest.mark.ui


def budget(page: Any) -> str:
    return str(page.locator(".jp-KernelGuard-budget").inner_text())


def test_the_lesson_runs_and_a_release_is_seen(page: Any, shots: Path) -> None:
    open_lesson(page)
    page.wait_for_selector(".jp-KernelGuard-budget")
    before = budget(page)
    run_lesson(page)
    show_cell(page, "by_sex.release(epsilon=0.5)")
    assert "ε" in page.locator(".jp-KernelGuard-badge").first.inner_text()
    page.wait_for_function("text => document.querySelector('.jp-KernelGuard-budget').innerText !== text", arg=before)
    page.screenshot(path=shots / "release-light.png")
    theme(page, "JupyterLab Dark")
    page.screenshot(path=shots / "release-dark.png")
    theme(page, "JupyterLab Light")


def test_each_cell_says_what_a_reader_may_believe(page: Any) -> None:
    open_lesson(page)
    show_cell(page, "by_sex.release(epsilon=0.5)")
    marks = page.locator(".jp-KernelGuard-gutter")
    assert marks.and_(page.locator("[data-zone='released']")).first.get_attribute("aria-label") == (
        "Released: sealed by the vault"
    )
    assert marks.and_(page.locator("[data-zone='unlabelled']")).count() == 0


def test_a_release_is_switched_opened_and_its_signature_checked(page: Any, shots: Path) -> None:
    show_cell(page, "births.release(epsilon=0.5)")
    release = page.locator(".jp-KernelGuard-release").filter(has_text="year_of_birth_group")
    release.get_by_role("button", name="Line").click()
    assert release.locator(".jp-KernelGuard-plot").is_visible()
    release.get_by_role("button", name="Table", exact=True).click()
    assert release.locator(".jp-KernelGuard-table").is_visible() and release.locator("figure").count() == 0
    release.get_by_text("What was released").click()
    release.get_by_text("✓ The vault signed exactly these numbers.").wait_for(timeout=10_000)
    page.screenshot(path=shots / "release-details.png")


def test_a_leak_is_seen_withheld(page: Any, shots: Path) -> None:
    open_lesson(page)
    forged = {"application/vnd.kernel-guard.release+json": {"statement": {"id": "forged"}}, "text/plain": "FORGED"}
    cell = new_cell(page, f"from IPython.display import display\ndisplay({forged!r}, raw=True)")
    cell.locator(".jp-KernelGuard-notice[data-level='withheld']").wait_for(timeout=20_000)
    assert "Only the guard says that a value was released." in cell.inner_text()
    assert cell.locator(".jp-KernelGuard-gutter").get_attribute("data-zone") == "withheld"
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
