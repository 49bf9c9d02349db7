"""Prove what isolation this host gives: build every rung, become a guest in it, and try the forbidden things.

- Proof, not inference: the attempts run inside real guests, against real targets that this process holds open.
- What only the outside can see (a datagram that arrived, a survivor, a file left behind) is looked at from outside.
- Nothing is remembered between runs, because an update of the host changes the answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel_guard.errors import InternalError, SandboxUnavailable

from . import hazards, ladder, view
from .guest import Guest
from .ladder import Rung, RungFailed
from .launch import start
from .probes import Probes
from .report import Attempt, Examined, Report
from .spec import MIB, GuestSpec, Level, Limits

__all__ = ["Report", "run_doctor"]

_TIERS = ("bwrap", "bare")
_LIMITS = Limits(memory=512 * MIB, processes=32, file=1 * MIB, home=16 * MIB, tmp=16 * MIB, shared=16 * MIB)
_SECONDS = 5.0
_PAUSE_SECONDS = 0.05  # fifty beats of its pulse
_LONGEST_ANSWER = 1 << 20
_MARK = "KERNEL_GUARD_DOCTOR_MARK"


def run_doctor(json: bool = False) -> Report:
    """Examine each tier; with `json` the report prints as JSON. Takes about half a second."""
    rungs = tuple(_examine_tier(tier) for tier in _TIERS)
    return Report(rungs, tuple(hazards.hazards()), hazards.facts(), as_json=json)


def _examine_tier(tier: str) -> Examined:
    """The strongest rung of the tier that can be built; the weaker ones only replace it when it cannot."""
    with tempfile.TemporaryDirectory(prefix="kgd-") as folder:
        spec = GuestSpec(Path(folder) / "run", None, _LIMITS, minimum=Level.G0, allow=(tier,))
        found = ladder.build(spec)
        problems = [text.removeprefix(f"{tier}: ") for text in found.missing]
        for rung in found.rungs:
            try:
                return Examined(tier, rung.level, tuple(_examine(spec, rung)))
            except (RungFailed, SandboxUnavailable) as problem:
                problems.append(problem.message if isinstance(problem, SandboxUnavailable) else str(problem))
    words = "; ".join(dict.fromkeys(problems)) or "not possible here"
    return Examined(tier, Level.G0, problem=words, advice=hazards.advice(tier, words))


def _examine(spec: GuestSpec, rung: Rung) -> Iterator[Attempt]:
    with tempfile.TemporaryDirectory(prefix="kgd-") as folder, Probes(Path(folder)) as probes, _Mark() as mark:
        with contextlib.closing(_datagrams()) as datagrams:
            targets = _targets(probes, datagrams)
            with _trial(spec, rung, targets) as (guest, vault):
                yield from (Attempt("files", what, False) for what in guest.report["failed"])
                answer = _answer(vault)
                yield from (Attempt(*result) for result in answer["results"])
                yield Attempt("environment", "see the launcher's environment", mark not in str(answer["environment"]))
                yield Attempt("network", "UDP to the host", not _ready(datagrams, 0.0))
                yield from _life(spec, guest, vault)


@contextlib.contextmanager
def _trial(spec: GuestSpec, rung: Rung, targets: dict[str, Any]) -> Iterator[tuple[Guest, socket.socket]]:
    """A guest that runs `inside/trial.py`, and our end of its one channel."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            guest = start(_with_trial(spec, rung, theirs, targets), rung, strict=False)
        try:
            yield guest, ours
        finally:
            guest.kill()


def _with_trial(spec: GuestSpec, rung: Rung, vault: socket.socket, targets: dict[str, Any]) -> GuestSpec:
    code = "from kernel_guard.sandbox.inside.trial import main; main()"
    argv = (view.interpreter(spec), "-S", "-B", "-P", "-c", code, json.dumps(targets))
    return GuestSpec(spec.runtime_dir, vault.fileno(), spec.limits, spec.minimum, spec.allow, argv=argv)


def _targets(probes: Probes, datagrams: socket.socket) -> dict[str, Any]:
    return probes.targets() | {
        "launcher": os.getpid(),
        "udp": datagrams.getsockname(),
        "memory": 2 * _LIMITS.memory,
        "file": 2 * _LIMITS.file,
    }


def _datagrams() -> socket.socket:
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with contextlib.suppress(OSError):
        receiver.bind(("127.0.0.1", 0))
    return receiver


def _answer(vault: socket.socket) -> dict[str, Any]:
    """The guest's one line; its pulse follows on the same channel."""
    vault.settimeout(_SECONDS)
    text = b""
    with contextlib.suppress(TimeoutError):
        while b"\n" not in text and len(text) < _LONGEST_ANSWER:
            piece = vault.recv(1 << 16)
            if not piece:
                break
            text += piece
    line, newline, _ = text.partition(b"\n")
    if not newline:
        raise RungFailed("its guest started, but said nothing")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _life(spec: GuestSpec, guest: Guest, vault: socket.socket) -> Iterator[Attempt]:
    yield Attempt("life", "run on while paused", _pauses(guest, vault))
    guest.kill()
    # The daemon of the trial holds the other end: it hangs up only when nothing is left alive.
    yield Attempt("life", "outlive its kernel", _hangs_up(vault))
    yield Attempt("life", "leave files behind", not any(spec.runtime_dir.iterdir()))


def _pauses(guest: Guest, vault: socket.socket) -> bool:
    try:
        guest.freeze()
    except InternalError:
        return False
    while _ready(vault, 0.0):
        vault.recv(1 << 16)
    stood_still = not _ready(vault, _PAUSE_SECONDS)
    guest.thaw()
    return stood_still and _ready(vault, _SECONDS)


def _hangs_up(vault: socket.socket) -> bool:
    while _ready(vault, _SECONDS):
        if not vault.recv(1 << 16):
            return True
    return False


def _ready(waiting: socket.socket, seconds: float) -> bool:
    return bool(select.select([waiting], [], [], seconds)[0])


@dataclass
class _Mark:
    """A secret in our own environment while guests run; none may have it."""

    value: str = ""

    def __enter__(self) -> str:
        self.value = os.environ[_MARK] = secrets.token_hex(16)
        return self.value

    def __exit__(self, *_: object) -> None:
        os.environ.pop(_MARK, None)
