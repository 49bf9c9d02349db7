"""The first five minutes of a new user, from the command to a released table, by what the screen says alone.

- The plain demo in a fresh home and a fresh browser. Keys and clicks only; it waits for what is shown.
- What is asked is that a person who knows nothing gets there in time, so the seconds of every step are printed, and
  beside them those that reading takes: every word of the lesson, of the tour and of each answer, at a slow speed.
- The same way gives the README's pictures: `KERNEL_GUARD_PICTURES=update` takes them anew. Look at each.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.lib.pages import FRONT, describe, open_lesson, open_page, sign_in
from tests.lib.pictures import MOST_README_BYTES, README_PICTURES, readme_picture
from tests.ui.conftest import Demo, started_demo

pytestmark = [pytest.mark.ui, pytest.mark.slow]
WIDTH, HEIGHT = 1280, 800
MOST_SECONDS = 300
WORDS_A_SECOND = 200 / 60  # slower than most: 238 words a minute are usual for English prose
ACTIVE = f"{FRONT} .jp-Cell.jp-mod-active"
OUTPUT = ".jp-OutputArea-output"
RELEASE = f"{FRONT} .jp-KernelGuard-release"
CONTEXT = "Number of patients by sex, which describes the cohort in the first table of our paper on diabetes care."
CONTROLS = "The counts carry the vault's noise, so that no cell can point at a single patient."
CATALOGUE, BUDGET = "#kernel-guard-catalogue", "#kernel-guard-budget"


@dataclass
class Clock:
    """The seconds of each step since the command was given: waited for, and read."""

    last: float = field(default_factory=time.monotonic)
    steps: dict[str, tuple[float, float]] = field(default_factory=dict)
    words: int = 0

    def read(self, shown: Any) -> None:
        """What an element shows is read, word by word."""
        self.words += len(shown.inner_text().split())

    def done(self, step: str) -> None:
        now = time.monotonic()
        self.steps[step] = (now - self.last, self.words / WORDS_A_SECOND)
        self.last, self.words = now, 0

    def total(self) -> float:
        return sum(map(sum, self.steps.values()))

    def told(self) -> str:
        lines = [f"{waited:6.1f} s and {read:5.1f} s of reading: {step}" for step, (waited, read) in self.steps.items()]
        return "\n".join(["", *lines, f"{self.total():6.1f} s in all"])


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def demo(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """What `make demo` starts, on a port of its own."""
    home = tmp_path_factory.mktemp("new-user")
    command = [sys.executable, "-m", "kernel_guard.cli.main", "demo"]
    with started_demo([*command, "--no-browser", "--home", str(home), "--port", "18930"], home) as running:
        clock.done("the demo prints its address")
        yield running


@pytest.fixture(scope="module")
def page(demo: Demo, browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    opened = context.new_page()
    opened.goto(demo.url, wait_until="domcontentloaded")
    yield opened
    context.close()


def tab(page: Any, panel: str) -> Any:
    """A sidebar's tab, as one finds it by its icon."""
    return page.locator(f"[data-id='{panel.removeprefix('#')}']")


def shift_enter(page: Any, clock: Clock, code: str) -> Any:
    """Read on and press Shift+Enter, as the lesson says, until the cell with `code` has run; gives that cell."""
    for _ in range(8):
        clock.read(page.locator(ACTIVE))
        found = page.locator(ACTIVE).filter(has_text=code)
        if found.count():
            name = re.sub(r"\W", "", code)
            found.evaluate("(cell, name) => { cell.dataset.test = name }", name)
            page.keyboard.press("Shift+Enter")
            return page.locator(f"[data-test='{name}']")
        page.keyboard.press("Shift+Enter")
    raise AssertionError(f"no cell with {code} follows")


def test_a_new_user_has_a_released_table_within_five_minutes(page: Any, clock: Clock) -> None:
    page.get_by_role("heading", name="Your first release").wait_for(timeout=90_000)
    clock.done("the first lesson is on the screen")

    offer = page.locator(".Toastify__toast").filter(has_text="New here?")
    offer.wait_for()
    clock.read(offer)
    offer.get_by_role("button", name="Start the tour").click()
    tour = page.locator(".jp-KernelGuard-tour")
    tour.get_by_text("1. The data’s shape").wait_for()
    clock.read(tour)
    tour.get_by_role("button", name="Skip the tour").click()
    offer.wait_for(state="detached")
    clock.done("the tour is offered, begun and skipped")

    page.get_by_role("heading", name="Your first release").click()
    study = shift_enter(page, clock, 'kg.open("demo-hospital")')
    study.get_by_text("visit_occurrence").first.wait_for(timeout=60_000)
    clock.read(study.locator(OUTPUT))
    person = shift_enter(page, clock, "person = study.person")
    person.get_by_text("year_of_birth").first.wait_for(timeout=60_000)
    clock.read(person.locator(OUTPUT))
    clock.done("the first cells show what data there is")

    tab(page, CATALOGUE).click()
    page.get_by_placeholder("Search tables and columns").press_sequentially("birth", delay=80)
    page.get_by_role("treeitem").filter(has_text="year_of_birth").click()
    page.locator(CATALOGUE).get_by_text("Year of birth.").wait_for()
    clock.read(page.locator(CATALOGUE))
    clock.done("a column is found in the catalogue")

    page.get_by_role("button", name="Insert into cell").click()
    page.locator(ACTIVE).locator(".cm-content").click()
    column = shift_enter(page, clock, 'study["person"]["year_of_birth"]')
    shown = column.locator(OUTPUT).filter(has_text="year_of_birth")
    shown.wait_for(timeout=60_000)
    clock.read(shown)
    clock.done("its snippet is inserted and run")

    question = shift_enter(page, clock, "by_sex = person.groupby")
    question.get_by_text("Nothing has been asked of the data yet, nothing spent.").wait_for(timeout=60_000)
    clock.read(question.locator(OUTPUT))
    clock.done("the question shows its quote")

    release = shift_enter(page, clock, "by_sex.release(epsilon=0.5)").locator(".jp-KernelGuard-release")
    release.locator(".jp-KernelGuard-badge").wait_for(timeout=60_000)
    clock.read(release)
    clock.done("the released table")

    print(clock.told())
    assert "Released · differentially private · ε 0.5" in release.locator(".jp-KernelGuard-badge").inner_text()
    assert re.search(r"Female\s+[\d,]+ ± \d+", release.locator(".jp-KernelGuard-table").inner_text())
    assert clock.total() < MOST_SECONDS


def test_the_release_stands_beside_what_is_left(page: Any) -> None:
    tab(page, BUDGET).click()
    page.locator(BUDGET).get_by_text("Number of patients by gender_concept_id, of person.").first.wait_for()
    page.locator(RELEASE).scroll_into_view_if_needed()
    readme_picture(page, "release")


def test_the_next_question_is_planned(page: Any) -> None:
    page.locator("[data-test^='by_sexpersongroupby'] .cm-content").click()
    panel = page.locator(BUDGET)
    panel.get_by_role("button", name="Plan the active cell").click()
    panel.locator(".jp-KernelGuard-curve").wait_for(timeout=30_000)
    panel.get_by_label("Wished error ±").fill("12")
    panel.get_by_text("patients will be within ± 12 in 95 of 100 cases.").wait_for()
    readme_picture(page, "planner")


def test_a_table_has_a_card_with_its_joins(page: Any) -> None:
    page.get_by_placeholder("Search tables and columns").fill("")
    page.get_by_role("treeitem", name=re.compile("^visit_occurrence, ")).click()
    page.get_by_role("button", name="Open schema card").click()
    card = page.get_by_label("Schema of visit_occurrence")
    card.get_by_role("button", name="person", exact=True).wait_for()
    tab(page, BUDGET).click()  # closes the sidebar: the card needs the room
    page.locator(BUDGET).wait_for(state="hidden")
    readme_picture(page, "schema-card")


def test_a_checker_sees_the_release_with_its_evidence(demo: Demo, browser: Any, page: Any) -> None:
    page.get_by_role("tab", name="01_first_release.ipynb").click()
    page.locator(RELEASE).get_by_role("button", name="Ask for export").click()
    draft = page.locator(".jp-KernelGuard-review")
    draft.get_by_role("button", name="Rename").click()
    draft.get_by_label("Title").fill("Patients by sex")
    draft.get_by_role("button", name="Save").first.click()
    draft.get_by_role("heading", name="Patients by sex").wait_for()
    describe(draft, CONTEXT, CONTROLS)
    draft.get_by_role("button", name="Submit").click()
    draft.get_by_role("button", name="Submit").wait_for(state="detached")

    with open_page(browser, demo.url, width=WIDTH, height=HEIGHT) as other:
        open_lesson(other)  # a notebook that is still loading takes the main area when it comes
        panel = sign_in(other, "checker-one", password_of(demo, "checker-one"))
        panel.get_by_role("button", name="Patients by sex").click()
        other.locator(".jp-KernelGuard-review").get_by_role("heading", name="Evidence by the vault").wait_for()
        readme_picture(other, "review")


def password_of(demo: Demo, user: str) -> str:
    """What the file says that the demo names on the terminal."""
    named = next(line for line in demo.lines if line.endswith("people.txt")).split(" in ")[-1]
    return next(line.split()[1] for line in Path(named).read_text().splitlines() if line.startswith(f"{user} "))


def test_the_page_in_chinese(demo: Demo, browser: Any) -> None:
    with open_page(browser, demo.url, width=WIDTH, height=HEIGHT) as other:
        other.locator(".lm-MenuBar-item").filter(has_text="Settings").click()
        other.locator(".lm-Menu-item").filter(has_text="Language").click()
        other.locator(".lm-Menu-item").filter(has_text="简体").click()
        with other.expect_navigation(timeout=60_000):
            other.get_by_role("button", name="Change and reload").click()
        other.get_by_role("heading", name="Your first release").wait_for(timeout=90_000)
        tab(other, BUDGET).click()
        tab(other, CATALOGUE).click()
        other.get_by_title("18 列").first.wait_for(timeout=30_000)
        other.locator(BUDGET).get_by_text("researcher").first.wait_for()
        readme_picture(other, "chinese")


def test_the_readmes_pictures_are_small() -> None:
    sizes = {picture.name: picture.stat().st_size for picture in README_PICTURES.glob("*.png")}
    assert sorted(sizes) == ["chinese.png", "planner.png", "release.png", "review.png", "schema-card.png"]
    assert max(sizes.values()) < MOST_README_BYTES, sizes
    assert {Image.open(README_PICTURES / name).size for name in sizes} == {(WIDTH, HEIGHT)}
