"""`kernel-guard`: one command for operators, stewards and anyone who wants to see the demo.

- Each group has a file of its own; nothing is imported before its command runs, so that `--help` is quick.
- An error is its public text and its hint, never a traceback.
"""

from __future__ import annotations

import sys

import typer

from kernel_guard.cli import access, audit, dataset, demo, doctor, keys, lab, people, protected, review, vault, verify
from kernel_guard.errors import KernelGuardError

HELP = """Notebooks on protected clinical data: nothing leaves but releases.

\b
Examples:
  kernel-guard demo                                      JupyterLab on the synthetic hospital
  kernel-guard doctor                                    what isolation this machine offers
  kernel-guard vault init ./vault                        a folder with settings and secrets
  kernel-guard dataset add hospital --omop ./omop -c ./vault/vault.toml
  kernel-guard grant add --user ana --project sepsis --study hospital -c ./vault/vault.toml
  kernel-guard vault serve -c ./vault/vault.toml
  kernel-guard verify analysis.ipynb                     what is proven about its outputs
  kernel-guard lab --vault ./vault/run/vault.sock --token ./token
"""

cli = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False, rich_markup_mode=None)
cli.command("demo")(demo.demo)
cli.command("lab")(lab.lab)
cli.command("doctor")(doctor.doctor)
cli.command("synthetic")(dataset.synthetic)
cli.command("verify")(verify.verify)
cli.add_typer(vault.cli, name="vault")
cli.add_typer(dataset.cli, name="dataset")
cli.add_typer(access.cli, name="grant")
cli.add_typer(people.accounts, name="account")
cli.add_typer(people.roles, name="role")
cli.add_typer(review.cli, name="review")
cli.add_typer(protected.cli, name="protected")
cli.add_typer(audit.cli, name="audit")
cli.add_typer(keys.cli, name="key")


def app() -> None:
    """The entry point: runs a command and turns our errors into text and exit code 1."""
    try:
        cli()
    except KernelGuardError as error:
        print(f"kernel-guard: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  → {error.hint}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    app()
