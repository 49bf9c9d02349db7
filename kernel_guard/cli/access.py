"""`kernel-guard grant …`: access for a person, a project, a purpose and a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from kernel_guard.cli.vault import Config

cli = typer.Typer(help="Grant and revoke access.", no_args_is_help=True, rich_markup_mode=None)


@cli.command()
def add(
    user: Annotated[str, typer.Option(help="Who.")],
    project: Annotated[str, typer.Option(help="For which project.")],
    study: Annotated[list[str], typer.Option(help="Which study; may be given several times.")],
    config: Config,
    purpose: Annotated[str, typer.Option(help="What for; shown with every release.")] = "research",
    days: Annotated[int, typer.Option(help="For how many days.")] = 90,
    token_file: Annotated[Path, typer.Option(help="Where the secret is written, readable by you alone.")] = Path(
        "token"
    ),
) -> None:
    """Example: kernel-guard grant add --user ana --project sepsis --study hospital -c ./vault/vault.toml"""
    from kernel_guard.vault.admin import add_grant

    token = add_grant(config, user=user, project=project, studies=study, purpose=purpose, days=days)
    write_secret(token_file, token)
    print(f"The grant's secret is in {token_file}. It is shown nowhere else.")


@cli.command()
def revoke(user: Annotated[str, typer.Option()], project: Annotated[str, typer.Option()], config: Config) -> None:
    """End a person's access at once. Example: kernel-guard grant revoke --user ana --project p -c ./vault/vault.toml"""
    from kernel_guard.vault.admin import revoke_grants

    print(f"Revoked {revoke_grants(config, user=user, project=project)} grants.")


def write_secret(path: Path, secret: str) -> None:
    """Write a file that only the owner can read, replacing an older one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
