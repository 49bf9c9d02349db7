"""`kernel-guard key …`: the keys that vouch for what leaves."""

from __future__ import annotations

from typing import Annotated

import typer

from kernel_guard.cli.vault import Config

cli = typer.Typer(help="The keys that vouch for what leaves.", no_args_is_help=True, rich_markup_mode=None)


@cli.command()
def export(config: Config) -> None:
    """Print the public keys, for everyone who verifies. Example: kernel-guard key export -c v/vault.toml > keys.json"""
    from kernel_guard.vault.review_admin import export_keys

    print(export_keys(config))


@cli.command()
def rotate(
    config: Config,
    compromised: Annotated[bool, typer.Option(help="Nothing that the old key signed is believed any more.")] = False,
) -> None:
    """Replace the release key. Example: kernel-guard key rotate -c ./vault/vault.toml"""
    from kernel_guard.vault.review_admin import rotate_key

    print(f"The release key is now {rotate_key(config, compromised=compromised)}. Publish 'kernel-guard key export'.")
