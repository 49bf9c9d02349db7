"""Where something is missing, the page says what and what to do: no guard, an older guard, a vault that is down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lib.pages import command, own_workspace, serious
from tests.ui.conftest import Demo

pytestmark = pytest.mark.ui
DOWN = {"error": {"code": "vault_unavailable", "message": "The vault does not answer.", "hint": "Ask its operator."}}
UP = {"version": "0.0.1", "vault": {"state": "up", "synthetic_only": True}, "guard": {"level": "G4"}}


def opened(demo: Demo, browser: Any, answer: Callable[[Any], None]) -> Any:
    context = browser.new_context(viewport={"width": 1300, "height": 800})
    context.route("**/kernel-guard/api/**", answer)
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(own_workspace(demo.url), wait_until="domcontentloaded")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=90_000)
    page.wait_for_selector("[data-id='kernel-guard-catalogue']")
    command(page, "kernel-guard:open-catalogue")
    return page


def test_a_server_without_a_guard(demo: Demo, browser: Any, shots: Path) -> None:
    page = opened(demo, browser, lambda route: route.fulfill(status=404, json={"message": "Not Found"}))
    page.locator("#kernel-guard-catalogue").get_by_text("This Jupyter server has no guard").wait_for()
    page.locator(".jp-KernelGuard-level").filter(has_text="Not guarded").wait_for()
    assert page.locator(".Toastify__toast").filter(has_text="tour").count() == 0
    page.screenshot(path=shots / "no-guard.png")
    assert serious(page, "#kernel-guard-catalogue", ".jp-KernelGuard-level") == []
    assert [error for error in page.errors if "nbconvert" not in error] == []
    page.context.close()


def test_an_older_server_and_a_vault_that_is_down(demo: Demo, browser: Any, shots: Path) -> None:
    def answer(route: Any) -> None:
        if "/api/status" in route.request.url:
            route.fulfill(json={**UP, "vault": {"state": "down", "synthetic_only": False, **DOWN}})
        else:
            route.fulfill(status=503, json=DOWN)

    page = opened(demo, browser, answer)
    page.locator("#kernel-guard-catalogue").get_by_text("Ask its operator.").wait_for()
    page.locator(".jp-KernelGuard-level").filter(has_text="Vault down").wait_for()
    page.locator(".Toastify__toast").filter(has_text="Reload the page").wait_for()
    page.screenshot(path=shots / "vault-down.png")
    page.context.close()
