"""`kernel-guard protected …`: what protected code handed over, for checkers in a shell.

- It speaks to the vault's socket with the session's secret that `kernel-guard review sign-in` wrote.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

cli = typer.Typer(help="Decide on what protected code handed over.", no_args_is_help=True, rich_markup_mode=None)
Socket = Annotated[Path, typer.Option("--vault", help="The vault's socket.")]
TokenFile = Annotated[Path, typer.Option("--token", help="The file with the session's secret.")]
Name = Annotated[str, typer.Argument(help="The object's id.")]
_PATH = "/v1/review/protected"


class Verdict(StrEnum):
    approve = "approve"
    reject = "reject"


@cli.command("list")
def list_(vault: Socket, token: TokenFile) -> None:
    """What waits for your vote. Example: kernel-guard protected list --vault ./run/vault.sock --token bea.token"""
    from kernel_guard.wire.http import VaultClient
    from kernel_guard.wire.token_file import read_token

    for item in VaultClient(vault, read_token(str(token))).get_json(_PATH)["objects"]:
        print(f"{item['id']}  {item['created'][:16]}  {item['project']:<12} {item['author']:<12} {item['name']}")


@cli.command()
def show(name: Name, vault: Socket, token: TokenFile) -> None:
    """Code, content and evidence of one object. Example: kernel-guard protected show ID --vault S --token T"""
    from kernel_guard.wire.http import VaultClient
    from kernel_guard.wire.token_file import read_token

    found = VaultClient(vault, read_token(str(token))).get_json(f"{_PATH}/{name}")
    # ASCII: what the code handed over must not steer a terminal.
    print(json.dumps(found, indent=1, ensure_ascii=True))


@cli.command()
def vote(
    name: Name,
    verdict: Annotated[Verdict, typer.Argument(help="approve or reject.")],
    vault: Socket,
    token: TokenFile,
    reason: Annotated[str, typer.Option(help="Needed to reject; the researcher reads it.")] = "",
) -> None:
    """Example: kernel-guard protected vote ID reject --reason "Rows of three patients." --vault S --token T"""
    from kernel_guard.wire.http import VaultClient
    from kernel_guard.wire.token_file import read_token

    body = json.dumps({"vote": verdict.value, "reason": reason}).encode()
    answer = VaultClient(vault, read_token(str(token))).post_json(f"{_PATH}/{name}", body)
    print(f"{answer['name']} is {answer['state']}, with {answer['votes_in']} votes.")
