"""What a caller may ask of the launcher, as values.

- `minimum` and `allow` are the caller's promise to the data owner; the launcher never goes below either.
- A guest without isolation (`none`, called `unsafe_none` in the configuration) needs both `"none"` in `allow` and
  `minimum=Level.G0`, so that nobody gets it by forgetting an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

MIB = 1 << 20
LANGUAGES = ("python", "R")
TIERS = ("bwrap", "bare", "none")


class Level(IntEnum):
    """How strongly a guest is isolated; each is proved by the self-test at every start."""

    G0 = 0  # not at all: synthetic data only
    G1 = 1  # Landlock before version 6 and a system call filter
    G2 = 2  # Landlock 6 or later and a system call filter, the user of the wrapper
    G3 = 3  # the same under a user id of its own; or namespaces without Landlock
    G4 = 4  # namespaces, Landlock and a system call filter
    G5 = 5  # the same under a user id of its own


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes. `memory` holds for one process by the kernel and for all together by the watchdog."""

    memory: int = 4096 * MIB
    processes: int = 256
    file: int = 512 * MIB
    tmp: int = 256 * MIB
    shared: int = 256 * MIB
    home: int = 1024 * MIB
    open_files: int = 4096
    nice: int = 5
    cpu_seconds: float | None = None  # of all its processes together; None for a kernel, which lives for days


@dataclass(frozen=True)
class GuestSpec:
    """One guest. The caller keeps its own copy of `vault_fd` and closes it after `launch`."""

    runtime_dir: Path
    vault_fd: int | None
    limits: Limits = field(default_factory=Limits)
    minimum: Level = Level.G2
    allow: tuple[str, ...] = ("bwrap", "bare")
    env: Mapping[str, str] = field(default_factory=dict)
    argv: tuple[str, ...] | None = None  # None: the kernel of `language`
    language: str = "python"
    python: Path | None = None  # None: the interpreter of the launcher
    extra_fds: tuple[int, ...] = ()  # more descriptors that it inherits; the caller keeps and closes its own copies
    sealed: bool = False  # it will see rows: no sockets, no locks, no file's metadata to signal with
    packages: tuple[Path, ...] = ()  # folders of more Python packages that the steward allows; read-only
    hidden: tuple[Path, ...] = ()  # what the self-test must find out of reach: the vault's socket, the token, data
