"""Start the kernel in its sandbox, on the strongest rung that the host offers, with one socket out.

- Without isolation only synthetic data may be near: the vault itself must say that it holds nothing else, and every
  session says so in its first output.
- Where nothing can be started the wrapper still runs, to say why in the notebook: a kernel that only dies says nothing.
- Nothing is imported here but what the sandbox needs: it starts while the rest loads.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kernel_guard.errors import KernelGuardError, SandboxUnavailable
from kernel_guard.sandbox import Guest, GuestSpec, Level, launch
from kernel_guard.wrapper.settings import Settings, public_file

_UNGUARDED = (
    "Synthetic data only: no sandbox",
    "This machine offers no isolation for the kernel, so the vault serves synthetic data here and nothing else. "
    "Run `kernel-guard doctor` to see what is missing.",
)


@dataclass(frozen=True)
class Started:
    """A running kernel with what to say first, or the reason why there is none."""

    guest: Guest | None
    banner: tuple[str, str] | None = None
    refusal: KernelGuardError | None = None


def start(settings: Settings, is_synthetic_only: Callable[[], bool]) -> tuple[Started, socket.socket]:
    """Launch the guest; gives our end of its one socket too. The vault is asked only where there is no isolation."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            return _launch(settings, is_synthetic_only, theirs.fileno()), ours
        except KernelGuardError as error:
            return Started(None, refusal=error), ours


def _launch(settings: Settings, is_synthetic_only: Callable[[], bool], vault_fd: int) -> Started:
    try:
        return Started(launch(_spec(settings, vault_fd)))
    except SandboxUnavailable:
        if not is_synthetic_only():
            raise
    return Started(launch(_spec(settings, vault_fd, isolated=False)), banner=_UNGUARDED)


def _spec(settings: Settings, vault_fd: int, *, isolated: bool = True) -> GuestSpec:
    if not isolated:
        return GuestSpec(
            settings.runtime_root,
            vault_fd,
            minimum=Level.G0,
            allow=("none",),
            packages=settings.packages,
            language=settings.language,
        )
    keys = str(public_file(settings.key_file)) if settings.key_file else None
    named = (settings.vault, settings.token_file, keys, str(settings.connection_file))
    hidden = tuple(path for name in named if name and (path := Path(name).resolve()).exists())
    return GuestSpec(
        settings.runtime_root, vault_fd, packages=settings.packages, language=settings.language, hidden=hidden
    )
