"""`kernel-guard audit …`: read the log, prove that it is whole, keep its end elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kernel_guard.cli.vault import Config

cli = typer.Typer(help="Read the audit log and prove that it is whole.", no_args_is_help=True, rich_markup_mode=None)
Settings = Annotated[Path | None, typer.Option("--config", "-c", help="The vault's settings.")]


@cli.command()
def verify(
    config: Settings = None,
    file: Annotated[Path | None, typer.Option(help="An export, checked offline.")] = None,
    key: Annotated[Path | None, typer.Option(help="The record of 'kernel-guard key export', with --file.")] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="A checkpoint that was kept elsewhere.")] = None,
) -> None:
    """Name the first record that does not hold. Example: kernel-guard audit verify -c ./vault/vault.toml"""
    from kernel_guard.vault import review_admin

    if config is not None and file is None:
        report = review_admin.verify_store(config, checkpoint)
    elif file is not None and key is not None:
        report = review_admin.verify_export(file, key, checkpoint)
    else:
        raise typer.BadParameter("Give the vault's settings (-c), or --file with --key.")
    print(review_admin.check_report(report))


@cli.command()
def checkpoint(config: Config, out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")]) -> None:
    """Note the log's end in a signed file to keep elsewhere. Example: kernel-guard audit checkpoint -c v.toml -o cp"""
    from kernel_guard.vault.review_admin import make_checkpoint

    out.write_bytes(make_checkpoint(config))
    print(f"Wrote {out}. Keep it where the vault's operator cannot change it.")


@cli.command()
def prune(
    config: Config,
    archive: Annotated[Path, typer.Option(help="A new file for the whole log as it is now, with its proof.")],
) -> None:
    """Let rows go that the policy no longer keeps. Example: kernel-guard audit prune -c v.toml --archive 2027.jsonl"""
    from kernel_guard.vault.review_admin import prune_log

    gone = prune_log(config, archive)
    print(
        f"{gone} rows went; {archive} holds them. Check it with: kernel-guard audit verify --file {archive} --key KEYS"
    )


@cli.command()
def export(
    config: Config,
    form: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    kind: Annotated[str, typer.Option(help="Only this kind of record.")] = "",
    actor: Annotated[str, typer.Option(help="Only this person's.")] = "",
    project: Annotated[str, typer.Option(help="Only this project's.")] = "",
    since: Annotated[str, typer.Option(help="From this moment, such as 2027-01-01.")] = "",
    until: Annotated[str, typer.Option(help="Before this moment.")] = "",
) -> None:
    """Write the log to standard output. Example: kernel-guard audit export -c ./vault/vault.toml > audit.jsonl"""
    from kernel_guard.trust.audit_view import Filter
    from kernel_guard.vault.review_admin import export_log

    if form not in ("jsonl", "csv"):
        raise typer.BadParameter("--format is jsonl or csv.")
    wanted = Filter(kind=kind, actor=actor, project=project, since=since, until=until)
    export_log(config, wanted, form, sys.stdout.buffer.write)
