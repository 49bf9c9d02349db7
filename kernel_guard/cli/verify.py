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
    key: Annotated[Path | None, typer.Option(help="The vault's public keys, from 'kernel-guard key export'.")] = None,
) -> None:
    """Say what is proven about FILE. Example: kernel-guard verify sepsis-17.zip --key vault-keys.json"""
    judge = KINDS.get(file.suffix.lower())
    if judge is None:
        known = ", ".join(sorted(KINDS))
        raise SignatureError(f"{file.name!r} is of a kind that carries no signature.", hint=f"Known kinds: {known}.")
    print(judge(file, key))


def verify_bundle(file: Path, key: Path | None) -> str:
    """A bundle of released files."""
    from kernel_guard.review import bundle
    from kernel_guard.trust.keyring import read_record

    if key is None:
        raise SignatureError("A bundle is checked with the vault's public keys.", hint="Add --key KEYS.json.")
    try:
        content, record = file.read_bytes(), key.read_bytes()
    except OSError:
        raise SignatureError("The bundle or the keys cannot be read.", hint="Check both paths.") from None
    return bundle.report(file.name, bundle.judge(content, read_record(record)))


KINDS: dict[str, Callable[[Path, Path | None], str]] = {".zip": verify_bundle}
