"""`kernel-guard verify FILE`: what is proven about a file that left, offline, with the public key alone.

- A file's kind decides who judges it: one entry of `KINDS` each, by suffix. An unknown kind is refused.
- Nothing is proven by absence: a file that is not proven as a whole ends with exit code 1.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from kernel_guard.cli.verify_bundle import verify_bundle
from kernel_guard.cli.verify_notebook import verify_notebook
from kernel_guard.cli.verify_table import verify_table
from kernel_guard.errors import SignatureError


class Proof(Protocol):
    """What was found about one file; its text is for a person."""

    @property
    def ok(self) -> bool: ...

    def to_json(self) -> dict[str, Any]: ...


Judge = Callable[[Path, Path | None, Path | None], Proof]
KINDS: dict[str, Judge] = {
    ".ipynb": lambda file, key, _: verify_notebook(file, key),
    ".zip": lambda file, key, _: verify_bundle(file, key),
    **dict.fromkeys((".csv", ".parquet", ".json"), verify_table),
}


def verify(
    file: Annotated[
        Path,
        typer.Argument(help="A notebook (.ipynb), a bundle (.zip), a table (.csv, .parquet) or a release (.json)."),
    ],
    key: Annotated[Path | None, typer.Option(help="The public keys to trust.")] = None,
    proof: Annotated[
        Path | None, typer.Option(help="Of a table: the bundle that it came in, or its release as JSON.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False,
) -> None:
    """Say what is proven about FILE. Example: kernel-guard verify analysis.ipynb"""
    judge = KINDS.get(file.suffix.lower())
    if judge is None:
        known = ", ".join(sorted(KINDS))
        raise SignatureError(f"{file.name!r} is of a kind that carries no signature.", hint=f"Known kinds: {known}.")
    found = judge(file, key, proof)
    print(json.dumps(found.to_json(), indent=2) if as_json else found)
    raise typer.Exit(0 if found.ok else 1)
