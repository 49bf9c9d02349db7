"""What the extension adds to JupyterLab's start, in a real Chromium on the same server: with it and without, in turn.

- The page's own HTML is rewritten in both cases, so that both take the same way through the browser.
- Time until the layout is restored says what a person waits; the processor time of the page's main thread says what
  work it was, and a busy machine changes it less.
"""

from __future__ import annotations

import gzip
import re
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kernel_guard.server
from bench.report import Line, show

STATIC = Path(kernel_guard.server.__file__).parent / "labextension" / "static"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LIST = '"disabledExtensions": ['
OURS = '"@kernel-guard/labextension", '


@dataclass(frozen=True)
class Start:
    """One start of the page, in milliseconds."""

    restored: float
    work: float


def run(rounds: int) -> None:
    from playwright.sync_api import sync_playwright

    with _demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        pairs = started_in_turn(browser, url, rounds)
        browser.close()
    plain, guarded = [bare for _, bare in pairs], [full for full, _ in pairs]
    lines = [
        Line(
            "JupyterLab until its layout is restored", "ms", [p.restored for p in plain], [g.restored for g in guarded]
        ),
        Line("work of the page meanwhile", "ms", [p.work for p in plain], [g.work for g in guarded]),
    ]
    show("JupyterLab with the extension and without it", lines)
    restored, work = added(pairs)
    print(f"added, median of {rounds} pairs: {restored:.0f} ms, {work:.0f} ms of work")
    print(f"the extension as it travels: {compressed_bytes() / 1000:.1f} kB")


def compressed_bytes() -> int:
    """All scripts of the extension, each as a server would compress it."""
    return sum(len(gzip.compress(script.read_bytes())) for script in STATIC.glob("*.js"))


def added(pairs: list[tuple[Start, Start]]) -> tuple[float, float]:
    """Medians of the paired differences: time, work."""
    return (
        statistics.median(full.restored - bare.restored for full, bare in pairs),
        statistics.median(full.work - bare.work for full, bare in pairs),
    )


def started_in_turn(browser: Any, url: str, rounds: int) -> list[tuple[Start, Start]]:
    """Pairs (with, without), which of them is first changes; one start before them fills the server's caches."""
    start(browser, url, without=False)
    pairs = []
    for turn in range(rounds):
        first = start(browser, url, without=turn % 2 == 1)
        second = start(browser, url, without=turn % 2 == 0)
        pairs.append((first, second) if turn % 2 == 0 else (second, first))
    return pairs


def start(browser: Any, url: str, *, without: bool) -> Start:
    """One start in a browser profile of its own."""
    context = browser.new_context(permissions=["local-network-access"])

    def rewritten(route: Any) -> None:
        answer = route.fetch()
        html = answer.text().replace(LIST, LIST + (OURS if without else '"none", '), 1)
        route.fulfill(response=answer, body=html)

    context.route(re.compile(r"/lab(/tree/[^?]*)?\?"), rewritten)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})  # processor time, not time that passed
    page.goto(url, wait_until="domcontentloaded")
    restored = page.evaluate("""async () => {
      while (!window.jupyterapp) { await new Promise(done => setTimeout(done, 5)); }
      await window.jupyterapp.restored;
      return performance.now();
    }""")
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    has = page.evaluate("window.jupyterapp.hasPlugin('@kernel-guard/labextension:catalogue')")
    context.close()
    assert has is not without, "the extension is there, or is not, against what was measured"
    return Start(float(restored), 1000 * metrics["TaskDuration"])


@contextmanager
def _demo() -> Iterator[str]:
    from tests.ui.conftest import running_demo

    with tempfile.TemporaryDirectory(prefix="kgb-") as folder, running_demo(Path(folder)) as demo:
        yield demo.url
