"""Steps 2 to 5 of the gate: whether a question may be asked, and what it costs, from the plan and the policy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kernel_guard.plan.codec import digest
from kernel_guard.plan.privacy import Ask, Budget
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.trust.identity import Grant
from kernel_guard.vault.catalogue.registry import Dataset
from kernel_guard.vault.mechanisms import Pricing, price
from kernel_guard.vault.mechanisms.loss import Account
from kernel_guard.vault.policy.dataset import check_ask, check_cost
from kernel_guard.vault.policy.exact import check_exact


@dataclass(frozen=True)
class Checked:
    """A question after steps 1 to 5."""

    grant: Grant
    dataset: Dataset
    ask: Ask
    digest: str
    pricing: Pricing

    @property
    def cost(self) -> Budget:
        return self.pricing.cost


def check_question(grant: Grant, dataset: Dataset, ask: Ask) -> Checked:
    """Refuse what the schema or the policy does not allow; price the rest."""
    shape = check_aggregate(ask.plan, dataset.study)  # 2
    check_ask(dataset.policy, ask, dataset.study.name)  # 3
    check_exact(ask, shape, dataset.study)
    pricing = price(ask, shape, dataset.study, _account(dataset))  # 5
    check_cost(dataset.policy, pricing.cost.epsilon)
    return Checked(grant, dataset, ask, digest(ask), pricing)  # 4


def _account(dataset: Dataset) -> Account:
    """How the budget that pays counts."""
    return Account(dataset.policy.accounting, dataset.policy.question_delta)


def study_of(ask: Ask) -> str:
    """The study that a plan names at its (leftmost) source."""
    node: Any = ask.plan.source
    while hasattr(node, "source") or hasattr(node, "left"):
        node = node.source if hasattr(node, "source") else node.left
    return str(node.study)
