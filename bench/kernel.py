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
DISPLAYS = "for i in range(2_000): display({'text/plain': 'x'}, raw=True)"
LARGE = "for i in range({}): display({{'text/plain': 'x' * 1_000_000}}, raw=True)"
ONE = "display({'text/plain': 'x' * 9_900_000}, raw=True)"  # a guarded cell shows 10 MB in one message
ALL_SHOWN = 17  # MB; it shows 20 MB in all and then a notice
CELLS = 3


def run(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="kgb-") as folder, _vault(Path(folder)) as env:
        starts = {name: [_start_up(name, env) for _ in range(rounds)] for name in ("python3", "kernel-guard")}
        lines = [Line("start-up to first answer", "s", starts["python3"], starts["kernel-guard"])]
        with _kernel("kernel-guard", env) as (_, pid):
            print(f"\nwrapper at rest: {_resident(pid):.1f} MiB resident, {_own(pid):.1f} MiB of it its own")
        with _kernel("python3", env) as (plain, _), _kernel("kernel-guard", env) as (guarded, _):
            lines += [
                _compare(what, unit, plain, guarded, measure, rounds * more)
                for what, unit, measure, more in _measures()
            ]
        show("Guarded kernel against a plain one", lines)


def _measures() -> list[tuple[str, str, Callable[[Any], float], int]]:
    """What both kernels are asked for: its name, its unit, how it is measured, how many times as often."""
    return [
        ("round trip of `1`", "ms", lambda c: 1000 * _timed(c, "1"), 20),
        ("10,000 print lines", "s", lambda c: _timed(c, LINES), 1),
        ("2,000 displays", "s", lambda c: _timed(c, DISPLAYS), 1),
        ("one display of 9.9 MB", "s", lambda c: _timed(c, ONE), 1),
        (f"{CELLS * ALL_SHOWN} MB of displays in {CELLS} cells, all shown", "s", _in_cells, 1),
        ("50 MB of displays in a cell, withheld above 20 MB", "s", lambda c: _timed(c, LARGE.format(50)), 1),
    ]


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
    with _kernel(name, env) as (client, _):
        _timed(client, "1")
        return time.perf_counter() - began


@contextmanager
def _kernel(name: str, env: dict[str, str]) -> Iterator[tuple[Any, int]]:
    """A client, and the process that Jupyter started."""
    manager = KernelManager(kernel_name=name)
    manager.start_kernel(env=env)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client, manager.provisioner.pid
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _resident(pid: int) -> float:
    """MiB of a process, its Python threads and libraries included; its sandbox is other processes."""
    return _rollup(pid, "Rss:")


def _own(pid: int) -> float:
    """MiB that would be free without it."""
    return _rollup(pid, "Private_Dirty:") + _rollup(pid, "Private_Clean:")


def _rollup(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def _timed(client: Any, code: str) -> float:
    """Seconds until the reply and every output are here."""
    began = time.perf_counter()
    client.execute_interactive(code, output_hook=lambda _: None, timeout=120)
    return time.perf_counter() - began


def _in_cells(client: Any) -> float:
    return sum(_timed(client, LARGE.format(ALL_SHOWN)) for _ in range(CELLS))


def _compare(what: str, unit: str, plain: Any, guarded: Any, measure: Callable[[Any], float], rounds: int) -> Line:
    measure(plain), measure(guarded)
    pairs = [(measure(plain), measure(guarded)) for _ in range(rounds)]
    return Line(what, unit, [p for p, _ in pairs], [g for _, g in pairs])
