"""The demo's processes: what it starts ends with it, however it ends, and it starts again afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SERVER = "import time; print('served', flush=True); time.sleep(600)"


def start(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kernel_guard.cli.main", "demo", "--patients", "50", "--home", str(home), "--"]
    started = subprocess.Popen([*command, sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert any(line == "served\n" for line in started.stdout)
    return started


def left(home: Path) -> list[str]:
    """Command lines that name the demo's folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(home) in line:
                found.append(line)
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_nothing_outlives_it(how: signal.Signals, tmp_path: Path) -> None:
    for _ in range(2 if how is signal.SIGKILL else 1):  # the second start finds what the first one left
        demo = start(tmp_path / "demo")
        assert len(left(tmp_path)) >= 2
        demo.send_signal(how)
        demo.wait(30)
        deadline = time.monotonic() + 20
        while remaining := left(tmp_path):
            assert time.monotonic() < deadline, remaining
            time.sleep(0.1)
