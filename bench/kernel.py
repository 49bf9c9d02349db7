"""The guarded kernel against a plain ipykernel: start-up, a round trip, many lines, large displays.

Both kernels run at once and take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

from bench.report import Line, show
from kernel_guard.cli.demo import place, prepare, start_vault, stop, wait_until_up

LINES = "for i in range(10_000): print(i)"
DISPLAYS = "for i in range(50): display({'text/plain': 'x' * 1_000_000}, raw=True)"


def run(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="kgb-") as folder, _vault(Path(folder)) as env:
        starts = {name: [_start_up(name, env) for _ in range(rounds)] for name in ("python3", "kernel-guard")}
        lines = [Line("start-up to first answer", "s", starts["python3"], starts["kernel-guard"])]
        with _kernel("python3", env) as plain, _kernel("kernel-guard", env) as guarded:
            lines += [
                _compare("round trip of `1`", "ms", plain, guarded, lambda c: 1000 * _timed(c, "1"), rounds * 20),
                _compare("10,000 print lines", "s", plain, guarded, lambda c: _timed(c, LINES), rounds),
                _compare("50 MB of displays (50 × 1 MB)", "s", plain, guarded, lambda c: _timed(c, DISPLAYS), rounds),
            ]
        show("Guarded kernel against a plain one", lines)


@contextmanager
def _vault(root: Path) -> Iterator[dict[str, str]]:
    """A running demo vault, and the environment that a guarded kernel is started in."""
    settings = prepare(root, 1000, None)
    vault: subprocess.Popen[bytes] = start_vault(settings, root)
    try:
        wait_until_up(vault, root)
        yield place(root).environment("")
    finally:
        stop(vault)


def _start_up(name: str, env: dict[str, str]) -> float:
    began = time.perf_counter()
    with _kernel(name, env) as client:
        _timed(client, "1")
        return time.perf_counter() - began


@contextmanager
def _kernel(name: str, env: dict[str, str]) -> Iterator[Any]:
    manager = KernelManager(kernel_name=name)
    manager.start_kernel(env=env)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _timed(client: Any, code: str) -> float:
    """Seconds until the reply and every output are here."""
    began = time.perf_counter()
    client.execute_interactive(code, output_hook=lambda _: None, timeout=120)
    return time.perf_counter() - began


def _compare(what: str, unit: str, plain: Any, guarded: Any, measure: Callable[[Any], float], rounds: int) -> Line:
    measure(plain), measure(guarded)
    pairs = [(measure(plain), measure(guarded)) for _ in range(rounds)]
    return Line(what, unit, [p for p, _ in pairs], [g for _, g in pairs])
