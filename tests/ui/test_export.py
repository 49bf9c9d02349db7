"""From a release to a checker's vote, two people in two browser profiles, on the real vault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lib.pages import command, new_cell, open_lesson, open_page, serious
from tests.ui.conftest import Demo

pytestmark = pytest.mark.ui
PASSWORD = "quiet-harbour-lantern-52"
RELEASE = (
    'import kernel_guard.client as kg\nkg.open("demo-hospital")["person"]'
    '.groupby("gender_concept_id").count_patients().release(epsilon=0.2)'
)


def steward(demo: Demo, *arguments: str) -> None:
    settings = str(demo.home / "vault" / "vault.toml")
    command = [sys.executable, "-m", "kernel_guard.cli.main", *arguments, "-c", settings]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def say(draft: Any, context: str, controls: str) -> None:
    draft.get_by_label("What do these items show").fill(context)
    draft.get_by_label("How did you control disclosure?").fill(controls)
    draft.get_by_role("button", name="Save").click()
    draft.get_by_role("button", name="Save").wait_for(state="detached")


def test_a_release_is_asked_for_and_a_checker_decides(demo: Demo, browser: Any, page: Any, shots: Path) -> None:
    steward(demo, "account", "add", "--user", "bea", "--name", "Bea", "--password", PASSWORD)
    steward(demo, "role", "give", "--user", "bea", "--project", "demo", "--role", "checker")
    open_lesson(page)
    cell = new_cell(page, RELEASE)
    cell.get_by_role("button", name="Ask for export").click(timeout=60_000)
    draft = page.locator(".jp-KernelGuard-review")
    say(draft, "Patients.", "Noise.")
    draft.get_by_role("button", name="Submit").click()
    draft.get_by_role("alert").filter(has_text="says too little").wait_for()
    say(
        draft,
        "Number of patients by sex, which describes the cohort in the first table of our paper on diabetes.",
        "Differentially private counts with noise of the vault; no cell can point at a single patient.",
    )
    page.screenshot(path=shots / "draft.png")
    assert serious(page, ".jp-KernelGuard-review") == []
    draft.get_by_role("button", name="Submit").click()
    draft.get_by_role("button", name="Submit").wait_for(state="detached")

    with open_page(browser, demo.url, ready="[data-id='kernel-guard-requests']") as other:
        command(other, "kernel-guard:open-requests")
        panel = other.locator("#kernel-guard-requests")
        panel.get_by_text("Sign in as checker").click()
        panel.get_by_label("Name").fill("bea")
        panel.get_by_label("Password").fill(PASSWORD)
        panel.get_by_role("button", name="Sign in", exact=True).click()
        panel.get_by_text("Signed in as Bea (checker).").wait_for()
        other.screenshot(path=shots / "queue.png")
        panel.get_by_role("button", name="#1").first.click()
        card = other.locator(".jp-KernelGuard-review")
        card.get_by_role("heading", name="Evidence by the vault").wait_for()
        other.screenshot(path=shots / "checker.png")
        card.focus()
        other.keyboard.press("a")
        card.get_by_text("You approved this.").wait_for()
