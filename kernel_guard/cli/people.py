"""`kernel-guard account …` and `kernel-guard role …`: who may sign in, and what they are in which project."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from kernel_guard.cli.vault import Config
from kernel_guard.trust.people import Role

accounts = typer.Typer(help="People who sign in on this machine.", no_args_is_help=True, rich_markup_mode=None)
roles = typer.Typer(help="What people are in a project, and until when.", no_args_is_help=True, rich_markup_mode=None)
User = Annotated[str, typer.Option(help="Who.")]
Project = Annotated[str, typer.Option(help="In which project; * means every project.")]


@accounts.command("add")
def add_account(
    user: User,
    config: Config,
    name: Annotated[str, typer.Option(help="The person's name, as others see it.")] = "",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Make an account, or set a new password. Example: kernel-guard account add --user bea -c ./vault/vault.toml"""
    from kernel_guard.vault.admin import opened, steward
    from kernel_guard.vault.review_admin import desk_parts

    with opened(config) as parts:
        desk_parts(parts).accounts.create(user, name or user, password, by=steward())
    print(f"{user} can sign in. Next: kernel-guard role give --user {user} --project P --role checker")


@accounts.command("disable")
def disable_account(user: User, config: Config) -> None:
    """Close an account at once. Example: kernel-guard account disable --user bea -c ./vault/vault.toml"""
    from kernel_guard.vault.admin import opened, steward
    from kernel_guard.vault.review_admin import desk_parts

    with opened(config) as parts:
        desk_parts(parts).accounts.disable(user, by=steward())
    print(f"{user} can no longer sign in.")


@roles.command("give")
def give_role(
    user: User,
    project: Project,
    role: Annotated[Role, typer.Option(help="What they are there.")],
    config: Config,
    days: Annotated[int, typer.Option(help="For how many days.", min=1)] = 365,
) -> None:
    """Example: kernel-guard role give --user bea --project sepsis --role checker -c ./vault/vault.toml"""
    from kernel_guard.trust.store.times import utc_now
    from kernel_guard.vault.admin import opened, steward
    from kernel_guard.vault.review_admin import desk_parts

    with opened(config) as parts:
        desk_parts(parts).roles.give(user, project, role, utc_now() + timedelta(days=days), by=steward())
    print(f"{user} is {role.value} in {project} for {days} days.")


@roles.command("end")
def end_role(
    user: User, project: Project, role: Annotated[Role, typer.Option(help="Which role.")], config: Config
) -> None:
    """End a role at once. Example: kernel-guard role end --user bea --project p --role checker -c ./vault/vault.toml"""
    from kernel_guard.vault.admin import opened, steward
    from kernel_guard.vault.review_admin import desk_parts

    with opened(config) as parts:
        print(f"Ended {desk_parts(parts).roles.end(user, project, role, by=steward())} roles.")


@roles.command("list")
def list_roles(config: Config) -> None:
    """Every role that holds now. Example: kernel-guard role list -c ./vault/vault.toml"""
    from kernel_guard.vault.admin import opened
    from kernel_guard.vault.review_admin import desk_parts

    with opened(config) as parts:
        for entry in desk_parts(parts).roles.listed():
            print(f"{entry['user']}  {entry['role']}  {entry['project']}  until {entry['expires'][:10]}")
