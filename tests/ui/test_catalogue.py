"""The catalogue in a real browser: search, details, insert, schema card, codes, and a very large one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lib.pages import command, open_lesson, open_page, serious
from tests.ui.conftest import Demo

pytestmark = pytest.mark.ui
TREE = ".jp-KernelGuard-tree"


def test_the_catalogue_shows_the_schema_and_inserts_by_keyboard(page: Any, shots: Path) -> None:
    open_lesson(page)
    command(page, "kernel-guard:open-catalogue")
    page.locator(".jp-KernelGuard-search input").fill("year_of_birth")
    page.get_by_role("treeitem").filter(has_text="year_of_birth").first.wait_for()
    page.locator(TREE).focus()
    for key in ("ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    details = page.locator(".jp-KernelGuard-details")
    assert "OMOP person.year_of_birth" in details.inner_text()
    page.keyboard.press("Enter")
    active = page.locator(".jp-Notebook .jp-mod-active .cm-content")
    assert 'study["person"]["year_of_birth"]' in active.inner_text()
    page.screenshot(path=shots / "catalogue.png")
    assert serious(page, "#kernel-guard-catalogue") == []


def test_a_column_is_dragged_into_a_cell(page: Any) -> None:
    row = page.get_by_role("treeitem").filter(has_text="year_of_birth").first
    cell = page.locator(".jp-NotebookPanel .jp-CodeCell .cm-content").first
    before = cell.inner_text().count('study["person"]["year_of_birth"]')
    row.drag_to(cell)
    assert cell.inner_text().count('study["person"]["year_of_birth"]') == before + 1


def test_codes_are_found_with_what_is_below_them(page: Any, shots: Path) -> None:
    page.get_by_text("Find a code").click()
    page.get_by_label("Search codes by words or number").fill("heart disease")
    below = page.locator(".jp-KernelGuard-concepts").get_by_role("button", name="below").first
    below.wait_for(timeout=10_000)
    shown = page.locator(".jp-KernelGuard-concepts li").count()
    below.click()
    page.wait_for_function(
        "count => document.querySelectorAll('.jp-KernelGuard-concepts li').length !== count", arg=shown, timeout=10_000
    )
    page.screenshot(path=shots / "codes.png")
    assert serious(page, ".jp-KernelGuard-concepts") == []


def test_a_schema_card_shows_joins_and_mock_rows(page: Any, shots: Path) -> None:
    command(page, "kernel-guard:open-schema-card", study="demo-hospital", table="visit_occurrence")
    card = page.get_by_label("Schema of visit_occurrence")
    card.get_by_role("button", name="person", exact=True).wait_for()
    assert "on the patient key person_id" in card.inner_text()
    card.get_by_role("button", name="Make mock rows").click()
    assert "No patient is behind these rows." in card.inner_text()
    card.evaluate("node => { node.scrollTop = 0 }")
    page.screenshot(path=shots / "schema-card.png")
    assert serious(page, "[aria-label='Schema of visit_occurrence']") == []


def test_500_tables_of_5000_columns_open_and_filter_without_a_stutter(demo: Demo, browser: Any) -> None:
    column = {
        "type": "float", "description": "a measured value", "unit": "", "lower": 0, "upper": 1, "categories": None,
        "missing_codes": [], "nullable": True, "sensitivity": 3, "blocked": False, "blocked_reason": "", "code": "",
        "notes": "",
    }  # fmt: skip
    tables = [
        {"name": f"table_{t}", "kind": "event", "patient_key": None, "description": "",
         "columns": [{**column, "name": f"column_{t}_{c}"} for c in range(10)]}
        for t in range(500)
    ]  # fmt: skip
    study = {"name": "big", "title": "Big", "description": "", "version": "1", "synthetic": True, "tables": tables}
    with open_page(browser, demo.url) as page:
        answer = json.dumps({"studies": [study]})
        page.route("**/kernel-guard/api/catalogue*", lambda route: route.fulfill(json=json.loads(answer)))
        command(page, "kernel-guard:refresh-catalogue")
        command(page, "kernel-guard:open-catalogue")
        page.get_by_role("treeitem").filter(has_text="table_10").first.wait_for()
        spent = page.evaluate("""async () => {
          const box = document.querySelector('.jp-KernelGuard-search input');
          const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
          const spent = [];
          for (const text of ['c', 'co', 'col', 'column_4', 'column_49', 'column_499_7', 'measured', '']) {
            const before = performance.now();
            set.call(box, text);
            box.dispatchEvent(new Event('input', {bubbles: true}));
            await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            spent.push(performance.now() - before);
          }
          return spent;
        }""")
        print(f"ms per keystroke: {[round(one, 1) for one in spent]}")
        assert sorted(spent)[len(spent) // 2] < 100, spent
        assert page.get_by_role("treeitem").count() < 100
