"""The doctor's answer, for people and for programs.

- What was tried is kept with what came of it, so that "holds" is never a bare claim.
- Whatever does not hold, or could not be had, comes with what to do about it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .spec import Level

_WORDS = {
    Level.G0: "no isolation: synthetic data only",
    Level.G1: "file and system call rules of an older kernel",
    Level.G2: "file and system call rules, the user of the server",
    Level.G3: "file and system call rules with a user id of its own, or namespaces without file rules",
    Level.G4: "namespaces, file rules and system call rules",
    Level.G5: "namespaces, file rules and system call rules, and a user id of its own",
}
_REPAIRS = {
    "files": "Keep data and Kernel Guard's runtime folder away from Python's folders, and mode 0700.",
    "processes": "Run the vault as a user of its own; update the kernel to 6.12 or later.",
    "network": "Install bubblewrap, which gives every guest a network of its own with nobody in it.",
    "kernel": "Another security layer may have replaced the filter; report this with the kernel's version.",
    "privileges": "Start the server as an ordinary user, or give the super-user the right to change users.",
    "descriptors": "A library opens files without close-on-exec; report this with `pip list`.",
    "environment": "Secrets reach guests through the environment; do not use this version.",
    "limits": "Give the service memory and process limits of its own, for example in its systemd unit.",
    "life": "Do not use this on data: report it with the kernel's version.",
}


@dataclass(frozen=True)
class Attempt:
    """One forbidden thing that was tried for real."""

    group: str
    what: str
    held: bool


@dataclass(frozen=True)
class Examined:
    """One rung: built and tried, or why it could not be built."""

    tier: str
    promised: Level
    attempts: tuple[Attempt, ...] = ()
    problem: str = ""
    advice: str = ""

    @property
    def holds(self) -> bool:
        return bool(self.attempts) and all(attempt.held for attempt in self.attempts)

    @property
    def broken(self) -> tuple[Attempt, ...]:
        return tuple(attempt for attempt in self.attempts if not attempt.held)

    def lines(self) -> list[str]:
        if self.problem:
            return [f"– {self.tier}: {self.problem}", *([f"    → {self.advice}"] if self.advice else [])]
        count = f"{len(self.attempts) - len(self.broken)} of {len(self.attempts)} forbidden things failed, as they must"
        mark = "✓" if self.holds else "✗"
        lines = [f"{mark} {self.tier} ({self.promised.name}): {count}"]
        for attempt in self.broken:
            lines += [f"    did not hold: {attempt.what} ({attempt.group})"]
        repairs = dict.fromkeys(_REPAIRS[attempt.group] for attempt in self.broken)
        return lines + [f"    → {repair}" for repair in repairs]

    def to_json(self) -> dict[str, Any]:
        return {
            "tier": self.tier,
            "promised": self.promised.name,
            "holds": self.holds,
            "problem": self.problem,
            "advice": self.advice,
            "attempts": [{"group": a.group, "what": a.what, "held": a.held} for a in self.attempts],
        }


@dataclass(frozen=True)
class Hazard:
    """A way around every sandbox that this host leaves open."""

    what: str
    advice: str


@dataclass(frozen=True)
class Report:
    """`str()` is words, or JSON when it was asked for."""

    rungs: tuple[Examined, ...]
    hazards: tuple[Hazard, ...]
    host: dict[str, Any]
    minimum: Level = Level.G2
    as_json: bool = False

    @property
    def level(self) -> Level:
        """Of the strongest rung that could be built; none when that one did not hold, as `launch` would refuse."""
        built = next((rung for rung in self.rungs if not rung.problem), None)
        return built.promised if built is not None and built.holds else Level.G0

    @property
    def ok(self) -> bool:
        return self.level >= self.minimum

    def to_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "level": self.level.name,
            "minimum": self.minimum.name,
            "host": self.host,
            "rungs": [rung.to_json() for rung in self.rungs],
            "hazards": [{"what": hazard.what, "advice": hazard.advice} for hazard in self.hazards],
        }

    def __str__(self) -> str:
        return json.dumps(self.to_json(), indent=2) if self.as_json else "\n".join(self._lines())

    def _lines(self) -> list[str]:
        lines = ["Host: " + ", ".join(f"{name} {value}" for name, value in self.host.items())]
        for rung in self.rungs:
            lines += rung.lines()
        lines += _hazard_lines(self.hazards)
        if self.ok:
            return [*lines, f"Guests run at level {self.level.name}: {_WORDS[self.level]}."]
        return [*lines, f"Level {self.level.name} ({_WORDS[self.level]}), {self.minimum.name} is needed for real data."]


def _hazard_lines(hazards: Sequence[Hazard]) -> list[str]:
    lines = ["Beside the sandbox, this user:"] if hazards else []
    for hazard in hazards:
        lines += [f"! {hazard.what}", f"    → {hazard.advice}"]
    return lines
