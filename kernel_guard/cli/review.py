"""`kernel-guard review …`: ask for export, follow it and decide on it, from a shell instead of the page.

- It speaks to the vault's socket with a token from a file: a grant's, or the session's that `sign-in` wrote.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer

from kernel_guard.cli.vault import Config
from kernel_guard.errors import ConfigError

cli = typer.Typer(help="Ask for export, and check what is asked.", no_args_is_help=True, rich_markup_mode=None)
Socket = Annotated[Path, typer.Option("--vault", help="The vault's socket.")]
TokenFile = Annotated[Path, typer.Option("--token", help="The file with the grant's or the session's secret.")]
Name = Annotated[str, typer.Argument(help="The request's id.")]


@cli.command("sign-in")
def sign_in(
    user: Annotated[str, typer.Option(help="Your name.")],
    vault: Socket,
    token: TokenFile,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True)] = "",
) -> None:
    """Write a session's secret to a file. Example: kernel-guard review sign-in --user bea --vault S --token t"""
    from kernel_guard.cli.access import write_secret
    from kernel_guard.wire.http import VaultClient

    answer = VaultClient(vault).post_json("/v1/session", json.dumps({"user": user, "password": password}).encode())
    write_secret(token, str(answer["token"]))
    print(f"Signed in as {answer['name']} until {answer['expires']}.")


@cli.command("list")
def list_(
    vault: Socket, token: TokenFile, view: Annotated[str, typer.Option(help="mine, queue, project or all.")] = "mine"
) -> None:
    """Requests. Example: kernel-guard review list --view queue --vault ./run/vault.sock --token bea.token"""
    for entry in _Page(vault, token).get(f"review/requests?view={view}")["requests"]:
        print(f"{entry['id']}  {entry['number']:>5}  {entry['state']:<10} {entry['risk']:<9} {entry['title']}")


@cli.command()
def show(name: Name, vault: Socket, token: TokenFile) -> None:
    """One request as JSON. Example: kernel-guard review show ID --vault ./run/vault.sock --token bea.token"""
    print(json.dumps(_Page(vault, token).get(f"review/requests/{name}"), indent=1, ensure_ascii=False))


@cli.command()
def submit(
    file: Annotated[Path, typer.Argument(help="JSON: project, title, groups and items, as in the review API.")],
    vault: Socket,
    token: TokenFile,
) -> None:
    """Make a request from a file and submit it. Example: kernel-guard review submit request.json --vault S --token t"""
    page, wanted = _Page(vault, token), _read(file)
    request = page.post("review/requests", project=wanted.get("project"), title=wanted.get("title", ""))
    request = page.act(request, "groups", groups=wanted.get("groups", []))
    for item in wanted.get("items", []):
        group = item.pop("group", request["groups"][0]["id"])
        request = page.act(request, "items", group=group, item=item)
    request = page.act(request, "submit")
    print(f"{request['id']}  request {request['number']} is {request['state']}.")


@cli.command()
def vote(
    name: Name,
    vault: Socket,
    token: TokenFile,
    approve: Annotated[bool, typer.Option("--approve/--request-changes", help="The verdict.")],
    item: Annotated[
        list[str] | None, typer.Option(help="Which items; all that wait for you when none is named.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; needed to request changes.")] = "",
) -> None:
    """Vote on items. Example: kernel-guard review vote ID --approve --vault ./run/vault.sock --token bea.token"""
    page = _Page(vault, token)
    request = page.get(f"review/requests/{name}")
    verdict = "approve" if approve else "request_changes"
    chosen = item or [i["id"] for i in request["items"] if not i["passed"]]
    votes = [{"item": i, "vote": verdict, "reason": reason} for i in chosen]
    print(f"The request is {page.act(request, 'votes', votes=votes)['state']}.")


@cli.command()
def decide(
    name: Name,
    deed: Annotated[str, typer.Argument(help="approve, return, reject, release or withdraw.")],
    vault: Socket,
    token: TokenFile,
    reason: Annotated[str, typer.Option(help="Why; needed to return or reject.")] = "",
) -> None:
    """Settle a request. Example: kernel-guard review decide ID approve --vault ./run/vault.sock --token bea.token"""
    if deed not in ("approve", "return", "reject", "release", "withdraw"):
        raise typer.BadParameter("Choose approve, return, reject, release or withdraw.")
    page = _Page(vault, token)
    print(f"The request is {page.act(page.get(f'review/requests/{name}'), deed, reason=reason)['state']}.")


@cli.command()
def fetch(
    name: Name, vault: Socket, token: TokenFile, out: Annotated[Path, typer.Option("--out", "-o", help="Where to.")]
) -> None:
    """Fetch a released bundle. Example: kernel-guard review fetch ID -o bundle.zip --vault S --token ./token"""
    out.write_bytes(_Page(vault, token).bytes(f"review/requests/{name}/bundle"))
    print(f"Wrote {out}. Check it with: kernel-guard verify {out} --key KEYS.json")


@cli.command()
def policy(
    project: Annotated[str, typer.Option(help="Whose policy.")],
    file: Annotated[
        Path, typer.Option(help="JSON: checkers per risk class, screen_only, expires_days, context_words.")
    ],
    config: Config,
) -> None:
    """Set how many people check what. Example: kernel-guard review policy --project p --file p.json -c v/vault.toml"""
    from kernel_guard.vault.review_admin import set_policy

    set_policy(config, project, file)
    print(f"The review policy of {project} is set.")


class _Page:
    """One person's calls to the vault."""

    def __init__(self, vault: Path, token: Path) -> None:
        from kernel_guard.wire.http import VaultClient
        from kernel_guard.wire.token_file import read_token

        self._client = VaultClient(vault, read_token(str(token)))

    def get(self, path: str) -> dict[str, Any]:
        return self._client.get_json(f"/v1/{path}")

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._client.post_json(f"/v1/{path}", json.dumps({**body, "key": uuid.uuid4().hex}).encode())

    def act(self, request: dict[str, Any], deed: str, **body: Any) -> dict[str, Any]:
        return self.post(f"review/requests/{request['id']}/{deed}", revision=request["revision"], **body)

    def bytes(self, path: str) -> bytes:
        return self._client.get_bytes(f"/v1/{path}")


def _read(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        value = None
    if not isinstance(value, dict):
        raise ConfigError(f"{file.name!r} does not hold a request.", hint="docs/review-api.md shows its form.")
    return value
