"""Which ways to isolate a guest exist on this host, strongest first.

- A rung is only a promise of a level; the self-test inside the finished sandbox decides whether it is kept.
- Under the super-user a guest always gets a user id of its own: without one, bwrap would map it to root and the
  process limit would not hold, so those rungs do not exist.
- Every rung that is left out says why, so that a refusal can tell the operator what to change.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from . import identity
from .inside import landlock
from .spec import GuestSpec, Level

_SAFE_PATH = "/usr/bin:/bin:/usr/local/bin"
NEWEST_LANDLOCK = 99


class RungFailed(Exception):
    """This way of starting does not work here; the text says why."""


@dataclass(frozen=True)
class Rung:
    """One way to start a guest."""

    tier: str
    level: Level
    own_uid: bool = False
    real_proc: bool = True  # an own /proc; a container that masks its /proc forbids a new one
    pin_userns: bool = False  # no further user namespaces; needs a writable /proc/sys
    landlock_at_most: int = NEWEST_LANDLOCK  # lower only in tests, to stand for an older kernel


@dataclass(frozen=True)
class Ladder:
    """The rungs to try, and why the others are missing."""

    rungs: tuple[Rung, ...]
    missing: tuple[str, ...]


def bwrap_path() -> str | None:
    """bubblewrap from the system, or from the environment that Python itself comes from (conda)."""
    return shutil.which("bwrap", path=f"{_SAFE_PATH}:{os.path.join(sys.prefix, 'bin')}")


def build(spec: GuestSpec) -> Ladder:
    """Rungs that the caller allows, at or above the minimum."""
    rungs: list[Rung] = []
    missing: list[str] = []
    for tier, candidates in (("bwrap", _bwrap_rungs), ("bare", _bare_rungs), ("none", _no_rungs)):
        if tier not in spec.allow:
            continue
        for candidate in candidates():
            if isinstance(candidate, str):
                missing.append(f"{tier}: {candidate}")
            elif candidate.level >= spec.minimum:
                rungs.append(candidate)
            else:
                missing.append(f"{tier}: gives {candidate.level.name}, {spec.minimum.name} is required")
    return Ladder(tuple(rungs), tuple(missing))


def _bwrap_rungs() -> Iterator[Rung | str]:
    if not sys.platform.startswith("linux"):
        yield "needs Linux"
    elif bwrap_path() is None:
        yield "bubblewrap is not installed"
    elif identity.is_root() and not (identity.can_mount() and identity.can_change_user()):
        yield "the super-user of this container may neither mount nor change users"
    elif identity.is_root():
        level = Level.G5 if landlock.abi() else Level.G3
        yield Rung("bwrap", level, own_uid=True)
        yield Rung("bwrap", level, own_uid=True, real_proc=False)
    else:
        level = Level.G4 if landlock.abi() else Level.G3
        yield Rung("bwrap", level, pin_userns=True)
        yield Rung("bwrap", level)
        yield Rung("bwrap", level, real_proc=False)


def _bare_rungs() -> Iterator[Rung | str]:
    if not sys.platform.startswith("linux"):
        yield "needs Linux"
    elif not landlock.abi():
        yield "this kernel, or an outer sandbox, has no Landlock"
    elif identity.is_root() and not identity.can_change_user():
        yield "the super-user of this container may not change users"
    elif identity.is_root():
        yield Rung("bare", Level.G3, own_uid=True)
    else:
        yield Rung("bare", Level.G2 if landlock.abi() >= 6 else Level.G1)


def _no_rungs() -> Iterator[Rung | str]:
    if sys.platform.startswith("linux"):
        yield Rung("none", Level.G0)
    else:
        yield "needs Linux"
