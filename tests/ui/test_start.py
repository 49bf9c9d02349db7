"""What the extension costs: its size as it travels, and what it adds to JupyterLab's start, side by side in one run."""

from __future__ import annotations

from typing import Any

import pytest

from bench.page import added, compressed_bytes, started_in_turn
from tests.ui.conftest import Demo

pytestmark = [pytest.mark.ui, pytest.mark.slow]
ROUNDS = 7


def test_the_extension_travels_in_less_than_150_kb() -> None:
    print(f"{compressed_bytes() / 1000:.1f} kB")
    assert 10_000 < compressed_bytes() < 150_000


def test_the_extension_adds_less_than_300_ms_to_the_start(demo: Demo, browser: Any) -> None:
    pairs = started_in_turn(browser, demo.url, ROUNDS)
    restored, work = added(pairs)
    print(f"added {restored:.0f} ms until the layout is restored, {work:.0f} ms of work: {pairs}")
    assert restored < 300 and work < 300, pairs
