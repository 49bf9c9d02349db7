"""What a steward does with a vault: bring data in, set policy and budget, grant and end access, check the log."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from kernel_guard.errors import ConfigError, DatasetError
from kernel_guard.plan.schema import Study
from kernel_guard.trust.identity import Role
from kernel_guard.trust.store.times import utc_now
from kernel_guard.vault.catalogue.omop import read_omop
from kernel_guard.vault.catalogue.registry import dataset_files
from kernel_guard.vault.config import load_config
from kernel_guard.vault.engines import lay_out
from kernel_guard.vault.ledger import Scope
from kernel_guard.vault.mechanisms.conversion import allotment
from kernel_guard.vault.policy.dataset import DatasetPolicy
from kernel_guard.vault.wiring import Parts, open_parts


@contextmanager
def opened(settings: Path) -> Iterator[Parts]:
    parts = open_parts(load_config(settings))
    try:
        yield parts
    finally:
        parts.store.close()


def steward() -> str:
    """Who is at the keyboard, for the audit log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "steward"


def add_dataset(
    settings: Path, name: str, omop: Path, policy: Mapping[str, Any], *, on_orphans: str = "error"
) -> Study:
    """Take an OMOP directory in, with its policy and budget; nothing is left behind when it fails.

    Raises `DatasetError` with a table of what is wrong where it is wrong.
    """
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii() or len(name) > 64:
        raise DatasetError("A study's name may hold letters, digits, - and _.", hint="Such as demo-hospital.")
    config = load_config(settings)
    checked = DatasetPolicy.from_json(policy)
    ingest = read_omop(omop, name, on_orphans=on_orphans, data=config.data)
    if config.synthetic_only and not ingest.study.synthetic:
        raise ConfigError(
            "This vault takes synthetic data only.", hint="Set vault.synthetic_only = false in its settings."
        )
    with opened(settings) as parts:
        study = ingest.write(config.data)
        lay_out(config, study, dataset_files(config.data, study))
        parts.ledger.allot(Scope.of_study(name), allotment(checked.accounting, checked.dataset_budget), by=steward())
        parts.registry.put(study, checked, by=steward())
    return study


def list_datasets(settings: Path) -> list[str]:
    """One line for each data set."""
    with opened(settings) as parts:
        found = [parts.registry.get(name) for name in parts.registry.names()]
    return [
        f"{d.study.name}  {d.study.version}  {len(d.study.tables)} tables"
        f"  {'synthetic' if d.study.synthetic else 'protected'}  routes: {', '.join(d.policy.routes)}"
        for d in found
    ]


def add_grant(settings: Path, *, user: str, project: str, studies: Iterable[str], purpose: str, days: int) -> str:
    """Grant a researcher access and open the budgets that the policies give; answers the secret, once."""
    names = list(studies)
    with opened(settings) as parts:
        for name in names:
            policy = parts.registry.get(name).policy
            given = {
                Scope.of_project(name, project): policy.project_budget,
                Scope.of_user(name, user): policy.person_budget,
            }
            for scope, budget in given.items():
                parts.ledger.allot(scope, allotment(policy.accounting, budget), by=steward())
        _, token = parts.grants.issue(
            user=user,
            project=project,
            role=Role.RESEARCHER.value,
            studies=names,
            purpose=purpose,
            expires=utc_now() + timedelta(days=days),
            by=steward(),
        )
    return token


def revoke_grants(settings: Path, *, user: str, project: str) -> int:
    """End a person's access to a project; answers how many grants ended."""
    with opened(settings) as parts:
        held = [g for g in parts.grants.valid() if (g.user, g.project) == (user, project)]
        for grant in held:
            parts.grants.revoke(grant.id, by=steward())
    return len(held)
