"""`kernel-guard doctor`: what isolation this machine really offers."""

from __future__ import annotations

from typing import Annotated

import typer


def doctor(
    json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Start empty sandboxes, try the forbidden things and report what holds. Example: kernel-guard doctor --json"""
    from kernel_guard.sandbox.doctor import run_doctor

    report = run_doctor(json=json)
    print(report)
    raise typer.Exit(0 if report.ok else 1)
