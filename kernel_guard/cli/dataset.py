"""`kernel-guard dataset …`: bring data in, by one door for real and synthetic data."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kernel_guard.cli.vault import Config

cli = typer.Typer(help="Bring data in and declare its policy.", no_args_is_help=True, rich_markup_mode=None)


class Orphans(StrEnum):
    error = "error"
    drop = "drop"


class Way(StrEnum):
    dp = "dp"
    sdc = "sdc"


class Beside(StrEnum):
    private = "private"
    review = "review"


@cli.command()
def add(
    name: Annotated[str, typer.Argument(help="The study's name, such as demo-hospital.")],
    omop: Annotated[Path, typer.Option(help="A directory of OMOP CDM tables, Parquet or CSV.")],
    config: Config,
    route: Annotated[list[Way] | None, typer.Option(help="Open routes; give it twice for both.")] = None,
    pack: Annotated[str, typer.Option(help="Rule pack of exact results: a name such as uk_tre, or a TOML file.")] = (
        "uk_tre"
    ),
    threshold: Annotated[int, typer.Option(help="Minimum patients per cell, where stricter than the pack's.")] = 3,
    rounding: Annotated[int, typer.Option(help="Base that exact counts are rounded to, where above the pack's.")] = 1,
    protected: Annotated[
        list[Beside] | None, typer.Option(help="Open protected code: private answers, objects for checkers, or both.")
    ] = None,
    epsilon: Annotated[str, typer.Option(help="Privacy budget ε of each project.")] = "10",
    on_orphans: Annotated[Orphans, typer.Option(help="Rows whose patient is not in person: stop, or drop.")] = (
        Orphans.error
    ),
) -> None:
    """Take an OMOP directory in. Example: kernel-guard dataset add gibleed --omop ./gibleed -c ./vault/vault.toml"""
    from kernel_guard.vault.admin import add_dataset
    from kernel_guard.vault.disclosure.pack import load_file

    policy = {
        "pack": load_file(Path(pack)).to_json() if pack.endswith(".toml") else pack,
        "routes": [r.value for r in route or [Way.dp]],
        "threshold": threshold,
        "rounding": rounding,
        "protected": [kind.value for kind in protected or ()],
        "project_budget": {"epsilon": epsilon, "delta": "1/100000"},
        "person_budget": {"epsilon": epsilon, "delta": "1/100000"},
    }
    study = add_dataset(config, name, omop, policy, on_orphans=on_orphans.value)
    print(f"{study.name}: {len(study.tables)} tables, version {study.version}.")


@cli.command("list")
def list_(config: Config) -> None:
    """The data sets that the vault holds."""
    from kernel_guard.vault.admin import list_datasets

    for line in list_datasets(config):
        print(line)


def synthetic(
    out: Annotated[Path, typer.Argument(help="The folder to write.")],
    patients: Annotated[int, typer.Option(help="How many patients.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same hospital.")] = 0,
) -> None:
    """Write the synthetic hospital as OMOP 5.4 Parquet. Example: kernel-guard synthetic ./omop --patients 5000"""
    from kernel_guard.vault.catalogue.synthetic import generate

    print(generate(out, patients=patients, seed=seed))
