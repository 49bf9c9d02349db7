"""`kernel-guard vault …`: make a vault's folder, serve it, look at its ledger."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

cli = typer.Typer(help="Make and run a vault.", no_args_is_help=True, rich_markup_mode=None)
Config = Annotated[Path, typer.Option("--config", "-c", help="The vault's settings, such as ./vault/vault.toml.")]


@cli.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    synthetic_only: Annotated[bool, typer.Option(help="Refuse data sets that are not synthetic.")] = False,
) -> None:
    """Make a folder with settings, signing key and salt. Example: kernel-guard vault init ./vault"""
    from kernel_guard.vault.config import init_folder

    settings = init_folder(folder, synthetic_only=synthetic_only)
    print(f"Wrote {settings}. Next: kernel-guard dataset add NAME --omop DIR -c {settings}")


@cli.command()
def serve(
    config: Config,
    until_input_ends: Annotated[
        bool, typer.Option(help="End when standard input closes: with who started it.")
    ] = False,
) -> None:
    """Serve the vault on its unix socket. Example: kernel-guard vault serve -c ./vault/vault.toml"""
    from kernel_guard.vault.app import serve as run

    if until_input_ends:
        threading.Thread(target=_end_with_input, daemon=True).start()
    run(config)


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
