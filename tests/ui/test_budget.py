"""The budget panel and its planner: the cost before the click, on a real kernel and a real vault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lib.pages import command, new_cell, open_lesson, open_page, serious, show_cell
from tests.ui.conftest import Demo

pytestmark = pytest.mark.ui
SETUP = 'import kernel_guard.client as kg\nstudy = kg.open("demo-hospital")\nperson = study["person"]'


def test_the_planner_prices_the_active_cell_and_inserts_the_call(page: Any, shots: Path) -> None:
    open_lesson(page)
    new_cell(page, SETUP)
    cell = new_cell(page, 'person.groupby("gender_concept_id").count_patients()')
    command(page, "kernel-guard:show-budget")
    panel = page.locator("#kernel-guard-budget")
    panel.get_by_role("button", name="Plan the active cell").click()
    panel.locator(".jp-KernelGuard-curve").wait_for(timeout=30_000)
    before = page.locator(".jp-KernelGuard-budget").inner_text()
    panel.get_by_label("Wished error ±").fill("12")
    page.screenshot(path=shots / "planner.png")
    assert serious(page, "#kernel-guard-budget") == []
    panel.get_by_role("button", name="Insert .release(epsilon=").click()
    assert ".count_patients().release(epsilon=0.25)" in cell.locator(".cm-content").inner_text()
    assert page.locator(".jp-KernelGuard-budget").inner_text() == before
    assert "MOCK" in panel.inner_text()


def test_a_cell_without_a_question_is_told_what_one_is(page: Any) -> None:
    show_cell(page, "kg.open")
    page.locator(".jp-Notebook .jp-mod-active .cm-content").click()
    new_cell(page, "1 + 1")
    panel = page.locator("#kernel-guard-budget")
    panel.get_by_role("button", name="Plan the active cell").click()
    panel.get_by_role("alert").filter(has_text="This is no question yet").wait_for(timeout=20_000)


def test_the_same_planner_is_a_widget(page: Any, shots: Path) -> None:
    code = "from kernel_guard.client.widgets import Planner\nPlanner(person.count_patients())"
    cell = new_cell(page, code)
    cell.get_by_role("button", name="Release for ε").wait_for(timeout=30_000)
    assert cell.locator("img").count() == 1
    assert "MOCK answer" in cell.inner_text()
    cell.scroll_into_view_if_needed()
    page.screenshot(path=shots / "planner-widget.png")


def test_what_somebody_else_spends_is_told_by_the_server(demo: Demo, browser: Any, page: Any) -> None:
    """The page polls once a minute at most; here it hears sooner, and of the name of what changed alone."""
    before = page.locator(".jp-KernelGuard-budget").inner_text()
    with open_page(browser, demo.url) as other:
        open_lesson(other)
        new_cell(other, SETUP + "\nperson.count_patients().release(epsilon=0.35)")
        page.wait_for_function(
            "text => document.querySelector('.jp-KernelGuard-budget').innerText !== text", arg=before, timeout=30_000
        )
