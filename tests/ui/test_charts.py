"""Every chart of a release, drawn from a real release of a real kernel in light and dark; and the repairs, clicked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lib.pages import command, new_cell, open_lesson, open_page, run_active, serious, show_cell, theme
from tests.ui.conftest import Demo

pytestmark = pytest.mark.ui
SETUP = """\
import kernel_guard.client as kg
study = kg.open("demo-hospital")
person, death, visit = study["person"], study["death"], study["visit_occurrence"]
decades = person["year_of_birth"].cut(range(1900, 2030, 10))
stays = person.merge(visit.per_patient(stays="count"))
relative = person.derive(age_ratio=(2025 - person["year_of_birth"]) / 45)
dead = person.merge(death.per_patient(died="exists")).derive(years=(2025 - person["year_of_birth"]).clip(0, 100))"""
# chart → the question, the button that shows it, what must be in the figure and how often
CHARTS = {
    "bars": (
        'person.groupby("gender_concept_id").count_patients().release()',
        "Bars",
        {"rect.jp-KernelGuard-bar": 3, ".jp-KernelGuard-masked": 1},
    ),
    "histogram": (
        "person.groupby(decades).count_patients().release(epsilon=0.5)",
        "Histogram",
        {".jp-mod-joined rect": 12, ".jp-KernelGuard-whisker": 12},
    ),
    "line": (
        'stays.groupby(decades).agg(stays=("stays", "mean")).release()',
        "Line",
        {"path.jp-KernelGuard-line": 1, "circle": 10},
    ),
    "survival": (
        'dead.survival("years", "died", at=[20, 40, 60, 80, 100]).release(epsilon=1)',
        "Survival curve",
        {"path.jp-KernelGuard-line": 1, "path.jp-KernelGuard-band": 1, "circle": 6},
    ),
    "heat-map": (
        'person.groupby(["gender_concept_id", "race_concept_id"]).count_patients().release()',
        "Heat map",
        {"tbody tr": 4, "thead th": 8, "td .jp-KernelGuard-heat": 32},
    ),
    "forest": (
        'relative.groupby("gender_concept_id").agg(age_ratio=("age_ratio", "mean")).release(epsilon=0.5)',
        "Forest plot",
        {"rect.jp-KernelGuard-bar": 4, ".jp-KernelGuard-whisker": 4},
    ),
}
MASKED = {"bars", "line", "heat-map"}
DARK = "JupyterLab Dark"


@pytest.fixture(scope="module")
def page(demo: Demo, browser: Any) -> Iterator[Any]:
    with open_page(browser, demo.url) as opened:
        open_lesson(opened)
        new_cell(opened, SETUP)
        yield opened
        theme(opened, "JupyterLab Light")


@pytest.fixture(scope="module")
def cells() -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("name", CHARTS)
def test_a_release_is_drawn_as(name: str, page: Any, cells: dict[str, Any], shots: Path) -> None:
    question, button, parts = CHARTS[name]
    cell = cells[name] = new_cell(page, question)
    release = cell.locator(".jp-KernelGuard-release")
    release.get_by_role("button", name=button, exact=True).click(timeout=30_000)
    figure = release.locator("figure")
    assert {part: figure.locator(part).count() for part in parts} == parts
    if name in MASKED:
        assert "fewer than 10 patients" in figure.inner_text()
    release.screenshot(path=shots / f"chart-{name}-light.png")
    assert serious(page, ".jp-KernelGuard-release") == []


def test_the_same_charts_in_dark_are_drawn_in_the_themes_own_colours(
    page: Any, cells: dict[str, Any], shots: Path
) -> None:
    theme(page, DARK)
    for name, cell in cells.items():
        show_cell(page, CHARTS[name][0])
        release = cell.locator(".jp-KernelGuard-release")
        release.screenshot(path=shots / f"chart-{name}-dark.png")
        contrasts = release.locator("figure").evaluate(CONTRAST)
        assert contrasts and min(contrasts) >= 3, (name, contrasts)
        assert serious(page, ".jp-KernelGuard-release") == []


# What is drawn against what lies under it, by the ratio of WCAG 2: graphics need 3.
CONTRAST = """figure => {
  const shades = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  let under = figure;
  while (under && !(shades(getComputedStyle(under).backgroundColor)[3] ?? 1)) { under = under.parentElement; }
  const ground = shades(getComputedStyle(under ?? document.body).backgroundColor);
  const kinds = 'rect, path.jp-KernelGuard-line, circle, .jp-KernelGuard-whisker line, svg text';
  const drawn = figure.querySelectorAll(kinds);
  const lines = [...drawn].map(node => {
    const { fill, stroke } = getComputedStyle(node);
    return ratio(shades(fill === 'none' || node.tagName === 'line' ? stroke : fill), ground);
  });
  const heats = [...figure.querySelectorAll('.jp-KernelGuard-heat')].map(node => {
    const { backgroundColor, opacity } = getComputedStyle(node);
    const mixed = shades(backgroundColor).slice(0, 3).map((c, i) => c * opacity + ground[i] * (1 - opacity));
    return ratio(shades(getComputedStyle(node.nextElementSibling).color), mixed);
  });
  return [...lines, ...heats];
}"""


def test_a_refusals_way_out_is_clicked_run_and_released(page: Any, shots: Path) -> None:
    theme(page, "JupyterLab Light")
    asked = 'person[person["year_of_birth"] > {}].groupby("gender_concept_id").count_patients().release()'
    new_cell(page, asked.format(1985)).locator(".jp-KernelGuard-release").wait_for(timeout=30_000)
    refused = new_cell(page, asked.format(1986))
    ways = refused.get_by_role("group", name="Ways out of this refusal")
    ways.get_by_role("button", name="Ask it with noise, at a cost of ε = 0.5.").click()
    page.screenshot(path=shots / "ways-out.png")
    repaired = run_active(page)
    repaired.locator(".jp-KernelGuard-badge[data-route='dp']").wait_for(timeout=30_000)
    assert "ε 0.5" in repaired.locator(".jp-KernelGuard-badge").inner_text()


def test_a_withheld_outputs_repair_is_clicked_run_and_the_output_shown(page: Any) -> None:
    many = 'import pandas as pd\npd.set_option("display.max_rows", 40_000)\npd.DataFrame({"a": range(40_000)})'
    withheld = new_cell(page, many)
    withheld.locator(".jp-KernelGuard-notice[data-level='withheld']").wait_for(timeout=30_000)
    withheld.get_by_role("button", name="Show fewer rows").click()
    run_active(page)
    shown = new_cell(page, 'pd.DataFrame({"a": range(40_000)})')
    shown.locator("table.dataframe").wait_for(timeout=30_000)
    assert shown.locator(".jp-KernelGuard-notice").count() == 0


def test_an_output_that_a_notebook_brought_along_is_run_again_by_one_click(page: Any) -> None:
    brought = {"reason": "unsigned", "what": "", "hint": ""}
    cell = new_cell(page, "6 * 7")
    page.evaluate(
        """notice => {
          const { model } = window.jupyterapp.shell.currentWidget.content.activeCell;
          model.outputs.clear();
          model.outputs.add({ output_type: 'display_data', metadata: {}, data: notice });
        }""",
        {"application/vnd.kernel-guard.withheld+json": brought},
    )
    cell.get_by_role("button", name="Run the cell again").click()
    cell.locator(".jp-OutputArea-output").filter(has_text="42").wait_for(timeout=30_000)
    command(page, "docmanager:save")
