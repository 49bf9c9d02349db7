"""What the holder of a grant may look at: schemas, public codes, budgets, and what was released before; no rows."""

from __future__ import annotations

from typing import Any

from kernel_guard.errors import Forbidden
from kernel_guard.plan.privacy import Accounting
from kernel_guard.plan.schema import Study
from kernel_guard.trust.identity import Grant, Grants, Role
from kernel_guard.trust.store.times import to_text
from kernel_guard.vault.catalogue.registry import Dataset, Registry
from kernel_guard.vault.engine.concepts import find_concepts
from kernel_guard.vault.ledger import Ledger, ReleaseRecord
from kernel_guard.vault.mechanisms.conversion import in_epsilon
from kernel_guard.vault.seal import Sealed

MAX_SPENDING = 500


class Views:
    """Step 1 of the gate, and everything that needs no more than that."""

    def __init__(self, grants: Grants, registry: Registry, ledger: Ledger, *, synthetic_only: bool) -> None:
        self._grants = grants
        self._registry = registry
        self._ledger = ledger
        self._synthetic_only = synthetic_only

    def studies(self, token: str) -> list[Study]:
        """The studies of a grant, as researchers see them."""
        grant = self._grants.look_up(token)
        return [self._registry.get(name).study for name in self._registry.names() if name in grant.studies]

    def study(self, token: str, name: str) -> Study:
        return self._dataset(self._grants.look_up(token), name).study

    def budgets(self, token: str) -> list[dict[str, Any]]:
        """The project's budget in each of its studies."""
        grant = self._grants.look_up(token)
        return [self._budget(grant, name) for name in self._registry.names() if name in grant.studies]

    def concepts(self, token: str, name: str, text: str, ancestor: int | None) -> dict[str, Any]:
        """Codes of a study's public vocabulary; touches no patient's table."""
        dataset = self._dataset(self._grants.look_up(token), name)
        return find_concepts(dataset.study, dataset.files(), text, ancestor)

    def spending(self, token: str) -> list[dict[str, Any]]:
        """What the project was given in its studies, newest first: who, when, at what cost, in words."""
        grant = self._grants.look_up(token)
        given = [r for name in grant.studies for r in self._ledger.releases(name, grant.project)]
        return [_spent(record) for record in sorted(given, key=lambda r: r.created, reverse=True)[:MAX_SPENDING]]

    def stored(self, token: str, release_id: str) -> Sealed:
        """A release that this project was given before."""
        return sealed_again(self._ledger.release(release_id, self._grants.look_up(token).project))

    def _allowed(self, token: str, study: str) -> tuple[Grant, Dataset]:
        """Step 1 for a question that names its study."""
        grant = self._grants.look_up(token)
        grant.check_role(Role.RESEARCHER)
        return grant, self._dataset(grant, study)

    def _dataset(self, grant: Grant, name: str) -> Dataset:
        grant.check_study(name)
        dataset = self._registry.get(name)
        if self._synthetic_only and not dataset.study.synthetic:
            raise Forbidden("This vault serves synthetic data only.", hint="Set vault.synthetic_only = false.")
        return dataset

    def _budget(self, grant: Grant, study: str) -> dict[str, Any]:
        view = self._ledger.budget(study, grant.project, grant.user)
        policy = self._registry.get(study).policy
        parts = {"granted": view.granted, "spent": view.spent, "reserved": view.reserved, "left": view.left}
        if policy.accounting is Accounting.ZCDP:
            parts = {name: in_epsilon(part, policy.project_budget.delta) for name, part in parts.items()}
        return {
            "study": study,
            "project": grant.project,
            "purpose": grant.purpose,
            "expires": to_text(grant.expires),
            "epsilon": {name: decimal(part.epsilon) for name, part in parts.items()},
            "delta": {name: decimal(part.delta) for name, part in parts.items()},
            "limited_by": view.limited_by,
            "accounting": policy.accounting.value,
            "rho": {name: decimal(part.rho or 0) for name, part in parts.items()},
            "routes": [r.value for r in policy.routes],
        }


def sealed_again(record: ReleaseRecord) -> Sealed:
    """A release of the store, as it was given."""
    return Sealed(dict(record.statement), dict(record.envelope))


def decimal(amount: Any) -> str:
    """An amount for people; the ledger keeps the exact one."""
    return f"{float(amount):.12g}"


def _spent(record: ReleaseRecord) -> dict[str, Any]:
    asked = {name: record.statement[name] for name in ("words", "cost")}
    known = {"id": record.id, "study": record.study, "user": record.user, "route": record.route}
    return {**known, **asked, "created": to_text(record.created)}
