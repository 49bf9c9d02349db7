"""Fork without end, so that the machine slows down or the vault cannot start a process.

Source: denial of service as a channel. Must be absent: survivors, and a difference in answer or time.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.attacks.protected.conftest import Attempt, looks_ordinary
from tests.lib.beside import Left

CODE = """
release("control", {"value": number})
while True:
    try:
        if os.fork() == 0:
            os.setsid()
    except OSError:
        pass
"""


def test_fork_bomb(attempt: Attempt, ordinary: Left) -> None:
    left = attempt(CODE)
    assert looks_ordinary(left, ordinary)
    assert left.seconds == pytest.approx(
        ordinary.seconds, abs=1.5
    )  # the answer itself waits for the clock's next five seconds
    assert not survivors()
    assert looks_ordinary(attempt(""), ordinary)


def survivors(seconds: float = 15.0) -> set[str]:
    """Processes with the harness of protected code that stay; those of other tests end at their time."""
    deadline, alive = time.monotonic() + seconds, _alive()
    while alive and time.monotonic() < deadline:
        time.sleep(0.1)
        alive &= _alive()
    return alive


def _alive() -> set[str]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes()
        except OSError:
            continue
        if b"client.protected.harness" in text:
            found.add(str(path))
    return found
