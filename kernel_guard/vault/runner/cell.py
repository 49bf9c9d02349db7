"""One sandbox in which code meets rows once: warmed up before there are rows, killed at its time, never used again.

- `open_cell` starts it and waits until the code's imports are loaded; no row exists for it until then.
- `run` seals the rows into memory that nobody can change, says go, and comes back after exactly `seconds`, whatever
  the code did. What came over the one pipe by then is given; not whether the code ended, failed or was killed.
- Output, errors and exit code are not even kept. More than `most` bytes count as nothing.
- The rows lie in memory files; they are gone with the sandbox and this process's copy.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernel_guard.errors import SandboxUnavailable
from kernel_guard.sandbox import Guest, GuestSpec, Level, Limits, launch

MIB = 1 << 20
WARM_UP_SECONDS = 120.0
LIMITS = Limits(memory=2048 * MIB, processes=48, file=64 * MIB, tmp=128 * MIB, shared=64 * MIB, home=64 * MIB)
_READY = b"!"
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_ENTRY = "from kernel_guard.client.protected.harness import main; main({fd})"
_THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Place:
    """Where and how strongly code is confined; `hidden` is what every sandbox must find out of reach."""

    runtime: Path
    hidden: tuple[Path, ...] = ()
    minimum: Level = Level.G3
    allow: tuple[str, ...] = ("bwrap",)
    limits: Limits = LIMITS


@dataclass(frozen=True)
class Task:
    """What every cell of a run gets: code, the types of its tables, and the outputs of a private run."""

    code: str
    tables: Mapping[str, Mapping[str, str]]
    outputs: list[list[Any]] | None = None


@dataclass
class Cell:
    """A sandbox that waits for rows."""

    guest: Guest
    out: int
    go: int
    rows: Mapping[str, int]
    closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def run(self, rows: Mapping[str, bytes], seconds: float, most: int) -> bytes:
        """Let the code meet the rows for `seconds`; gives what it handed over, nothing where that was too much."""
        for name, fd in self.rows.items():
            _fill(fd, rows[name])
        deadline = time.monotonic() + seconds
        with contextlib.suppress(OSError):  # it may have died while it was warmed up
            os.write(self.go, b"!")
        handed = _collect(self.out, deadline, most)
        self.close()
        return handed

    def close(self) -> None:
        """End the sandbox and everything in it."""
        self.guest.kill()
        self.closing.close()


def open_cell(place: Place, task: Task) -> Cell:
    """Start a sandbox and warm it up; raises `SandboxUnavailable` when none strong enough can be had."""
    with contextlib.ExitStack() as passing, contextlib.ExitStack() as ours:
        out_read, out_write = _pipe(ours, passing)
        go_write, go_read = _pipe(ours, passing, ours_first=False)
        rows = {name: _own(ours, os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)) for name in task.tables}
        shared = {name: _own(passing, os.open(f"/proc/self/fd/{fd}", os.O_RDONLY)) for name, fd in rows.items()}
        memo_fd = _own(passing, os.memfd_create("memo", os.MFD_CLOEXEC))
        _write_all(memo_fd, json.dumps(_memo(task, shared, out_write, go_read)).encode())
        os.lseek(memo_fd, 0, os.SEEK_SET)
        guest = launch(_spec(place, memo_fd, (*shared.values(), out_write, go_read)))
        passing.close()
        if not _is_ready(out_read):
            guest.kill()
            raise SandboxUnavailable(
                "The code's imports did not load in time.", hint="Import less, or only what is installed here."
            )
        return Cell(guest, out_read, go_write, rows, ours.pop_all())


def _spec(place: Place, memo_fd: int, fds: tuple[int, ...]) -> GuestSpec:
    # The launcher's own words say where the package lies inside; see `sandbox/view.py`.
    command = (sys.executable, "-B", "-P", "-c", _ENTRY.format(fd=memo_fd))
    return GuestSpec(
        runtime_dir=place.runtime,
        vault_fd=None,
        limits=place.limits,
        minimum=place.minimum,
        allow=place.allow,
        env=_THREADS,
        argv=command,
        extra_fds=(memo_fd, *fds),
        sealed=True,
        hidden=tuple(path for path in place.hidden if path.exists()),
    )


def _memo(task: Task, shared: Mapping[str, int], out: int, go: int) -> dict[str, Any]:
    tables = [{"name": name, "fd": shared[name], "types": dict(types)} for name, types in task.tables.items()]
    return {"code": task.code, "tables": tables, "outputs": task.outputs, "out": out, "go": go}


def _fill(fd: int, content: bytes) -> None:
    _write_all(fd, content)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)


def _write_all(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def _is_ready(out: int) -> bool:
    poller = select.poll()
    poller.register(out, select.POLLIN | select.POLLHUP)
    return bool(poller.poll(WARM_UP_SECONDS * 1000)) and os.read(out, 1) == _READY


def _collect(out: int, deadline: float, most: int) -> bytes:
    """Read until the deadline, never shorter; a guest that floods is read on and thrown away."""
    found = bytearray()
    for piece in _pieces(out, deadline):
        if len(found) <= most:
            found += piece
    time.sleep(max(0.0, deadline - time.monotonic()))
    return bytes(found) if len(found) <= most else b""


def _pieces(out: int, deadline: float) -> Iterator[bytes]:
    poller = select.poll()
    poller.register(out, select.POLLIN | select.POLLHUP)
    while (left := deadline - time.monotonic()) > 0:
        piece = os.read(out, 1 << 16) if poller.poll(left * 1000) else b""
        if not piece:
            return
        yield piece


def _pipe(ours: contextlib.ExitStack, passing: contextlib.ExitStack, *, ours_first: bool = True) -> tuple[int, int]:
    """A pipe as (our end, the guest's end)."""
    read, write = os.pipe()
    mine, its = (read, write) if ours_first else (write, read)
    return _own(ours, mine), _own(passing, its)


def _own(stack: contextlib.ExitStack, fd: int) -> int:
    stack.callback(os.close, fd)
    return fd
