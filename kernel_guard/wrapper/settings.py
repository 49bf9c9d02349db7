"""The wrapper's settings: a short command line, and environment variables.

- KERNEL_GUARD_VAULT        the vault's unix socket
- KERNEL_GUARD_TOKEN_FILE   the file with the researcher's grant
- KERNEL_GUARD_RUNTIME_DIR  where sockets of this kernel live (else XDG_RUNTIME_DIR, else a temporary folder)
- KERNEL_GUARD_KEY_FILE     names the key that signs labels: it is in memory only, its public half is listed beside that
                            name (`x.key` → `x.pub`), and so are the seals of its cells (else nowhere)
- KERNEL_GUARD_PACKAGES     folders of more Python packages for the kernel, separated by colons (else none)
- None of them reaches the sandbox.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel_guard.sandbox.spec import LANGUAGES


@dataclass(frozen=True)
class Settings:
    """What the wrapper was told at its start."""

    connection_file: Path
    runtime_root: Path
    vault: str | None = None
    token_file: str | None = None
    key_file: str | None = None
    packages: tuple[Path, ...] = ()
    language: str = "python"


def public_file(key_file: str | Path) -> Path:
    """Where the public keys stand of the kernels whose keys go by this name."""
    return Path(key_file).with_suffix(".pub")


def read_settings(argv: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Parse the command line and the environment."""
    parser = argparse.ArgumentParser(
        prog="python -m kernel_guard.wrapper",
        description="The guarded kernel. Jupyter starts it; there is no need to run it by hand.",
        epilog="example: python -m kernel_guard.wrapper -f kernel-1234.json",
    )
    parser.add_argument("-f", required=True, type=Path, metavar="FILE", help="Jupyter's connection file")
    parser.add_argument("--language", choices=LANGUAGES, default="python", help="the kernel's language")
    options = parser.parse_args(list(argv))
    root = environment.get("KERNEL_GUARD_RUNTIME_DIR") or environment.get("XDG_RUNTIME_DIR")
    return Settings(
        connection_file=options.f,
        runtime_root=Path(root if root and os.path.isdir(root) else tempfile.gettempdir()),
        language=options.language,
        vault=environment.get("KERNEL_GUARD_VAULT") or None,
        token_file=environment.get("KERNEL_GUARD_TOKEN_FILE") or None,
        key_file=environment.get("KERNEL_GUARD_KEY_FILE") or None,
        packages=tuple(map(Path, filter(None, environment.get("KERNEL_GUARD_PACKAGES", "").split(os.pathsep)))),
    )
