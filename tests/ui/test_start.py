"""What the extension costs: its size as it travels, and what it adds to JupyterLab's start, side by side in one run."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from tests.ui.conftest import Demo

pytestmark = [pytest.mark.ui, pytest.mark.slow]
STATIC = Path(__file__).parents[2] / "kernel_guard" / "server" / "labextension" / "static"
ROUNDS = 5


def test_the_extension_travels_in_less_than_150_kb() -> None:
    scripts = [file for file in STATIC.glob("*.js")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in scripts) < 150_000


def started(browser: Any, url: str, without: bool) -> float:
    """Milliseconds from navigation until JupyterLab has restored its layout."""
    context = browser.new_context()

    def disable(route: Any) -> None:
        html = route.fetch().text()
        route.fulfill(
            body=re.sub(r'"disabledExtensions": \[', '"disabledExtensions": ["@kernel-guard/labextension", ', html),
            content_type="text/html",
        )

    if without:
        context.route(re.compile(r"/lab(/tree/[^?]*)?\?"), disable)
    page = context.new_page()
    page.goto(url, wait_until="domcontentloaded")
    took = page.evaluate("""async () => {
      while (!window.jupyterapp) { await new Promise(done => setTimeout(done, 5)); }
      await window.jupyterapp.restored;
      return performance.now();
    }""")
    has = page.evaluate("window.jupyterapp.hasPlugin('@kernel-guard/labextension:catalogue')")
    context.close()
    assert has is not without
    return float(took)


def test_the_extension_adds_less_than_300_ms_to_the_start(demo: Demo, browser: Any) -> None:
    started(browser, demo.url, without=False)  # the first start fills the server's caches
    pairs = [
        (started(browser, demo.url, without=False), started(browser, demo.url, without=True)) for _ in range(ROUNDS)
    ]
    # The quickest of each: a busy machine only ever adds.
    added = min(with_it for with_it, _ in pairs) - min(bare for _, bare in pairs)
    print(f"with {[round(a) for a, _ in pairs]} ms, without {[round(b) for _, b in pairs]} ms, added {added:.0f} ms")
    assert added < 300, pairs
