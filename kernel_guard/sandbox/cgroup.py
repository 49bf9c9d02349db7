"""Limits that the kernel keeps for all processes of a guest together, where this host delegates a control group.

- Version 2 only. A group is made beside our own, below the nearest ancestor that this user may write to and that hands
  memory and pids on to its children; a group with processes of its own can hand on nothing, so never below our own.
- Where there is none, each process's own limits and the watchdog stand alone: the same promises, kept less exactly.
- What ended a guest is read from the group's counters, and the group goes with its guest.
- Guests get half of the usual share of the processors when these are short; they are not held back otherwise.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .spec import Limits

ROOT = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_NEEDED = frozenset({"memory", "pids"})
_SHARE = "50"  # of 100


@dataclass(frozen=True)
class Place:
    """Where groups can be made, or why nowhere."""

    folder: Path | None
    controllers: frozenset[str] = frozenset()
    problem: str = ""


@dataclass(frozen=True)
class Group:
    """The group of one guest."""

    folder: Path
    limits: Limits

    def hold(self, pids: Iterable[int]) -> None:
        """Move processes in; what they start is in it from then on."""
        for pid in pids:
            with contextlib.suppress(OSError):  # it has ended meanwhile
                (self.folder / "cgroup.procs").write_text(str(pid))

    def reason(self) -> str | None:
        """What ended its processes, in words for the researcher; what a fork is refused for ends nothing by itself."""
        if not _count(self.folder / "memory.events", "oom_kill"):
            return None
        size = f"{_memory(self.limits) / 2**30:.1f} GiB"
        return f"The kernel needed more than its limit of {size} for memory and files together and was stopped."

    def remove(self) -> None:
        """End what is left in it, and the group."""
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1")
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def find(root: Path = ROOT, own: Path = _OWN) -> Place:
    """The nearest place above our own group where a group with limits can be made."""
    path = _own_path(own)
    if path is None or not (root / "cgroup.controllers").exists():
        return Place(None, problem="no control groups of version 2")
    for folder in _ancestors(root, path):
        controllers = frozenset(_read(folder / "cgroup.subtree_control").split())
        if controllers >= _NEEDED and os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK):
            return Place(folder, controllers)
    return Place(None, problem="no group is delegated to this user")


def make(place: Place, limits: Limits) -> Group | None:
    """A group with the limits set; None where the host does not let us after all."""
    if place.folder is None:
        return None
    group = Group(place.folder / f"kernel-guard-{secrets.token_hex(8)}", limits)
    try:
        group.folder.mkdir()
        for name, value in _settings(limits, place.controllers).items():
            (group.folder / name).write_text(value)
    except OSError:
        group.remove()
        return None
    if (group.folder / "memory.swap.max").exists():
        (group.folder / "memory.swap.max").write_text("0")
    return group


def _settings(limits: Limits, controllers: frozenset[str]) -> dict[str, str]:
    found = {
        "memory.max": str(_memory(limits)),
        "memory.oom.group": "1",  # all of it: a kernel that lost a part of its processes is of no use
        "pids.max": str(limits.processes),
    }
    return {**found, "cpu.weight": _SHARE} if "cpu" in controllers else found


def _memory(limits: Limits) -> int:
    """A guest's files lie in memory, too, and count in its group."""
    return limits.memory + limits.tmp + limits.shared + limits.home


def _own_path(own: Path) -> str | None:
    lines = [line.split("::", 1) for line in _read(own).splitlines() if line.startswith("0::")]
    return lines[0][1].strip("/") if lines else None


def _ancestors(root: Path, path: str) -> Iterable[Path]:
    """Our group's parent, its parent, up to the root."""
    if not path or ".." in path.split("/"):
        return
    folder = root / path
    while folder != root:
        folder = folder.parent
        yield folder


def _count(path: Path, name: str) -> int:
    for line in _read(path).splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdigit():
            return int(value)
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
