"""`kernel-guard verify FILE`: what is proven about a file that left, offline, with the public key alone.

- A file's kind decides who judges it: one entry of `KINDS` each, by suffix. An unknown kind is refused.
- Nothing is proven by absence: a file without a signature ends with exit code 1.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from kernel_guard.errors import SignatureError


def verify(
    file: Annotated[Path, typer.Argument(help="A bundle (.zip), a notebook (.ipynb) or a released table.")],
    key: Annotated[Path | None, typer.Option(help="The vault's public keys, from 'kernel-guard vault keys'.")] = None,
) -> None:
    """Say what is proven about FILE. Example: kernel-guard verify sepsis-17.zip --key vault-keys.json"""
    judge = KINDS.get(file.suffix.lower())
    if judge is None:
        known = ", ".join(sorted(KINDS))
        raise SignatureError(f"{file.name!r} is of a kind that carries no signature.", hint=f"Known kinds: {known}.")
    print(judge(file, key))


KINDS: dict[str, Callable[[Path, Path | None], str]] = {}
