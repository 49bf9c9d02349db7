"""Steps 2 to 5 of the gate: whether a question may be asked, and what it costs, from the plan and the policy alone.

- A question is one table or several; each is checked and priced, and all are allowed or none. The price of several is
  the sum of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import InternalError
from kernel_guard.plan.codec import digest
from kernel_guard.plan.composed import ComposedAsk, Question, plans_of
from kernel_guard.plan.privacy import Ask, Budget, Route
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.trust.identity import Grant
from kernel_guard.vault.catalogue.registry import Dataset
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.mechanisms import Pricing, price
from kernel_guard.vault.mechanisms.loss import Account
from kernel_guard.vault.mechanisms.shares import shared_out
from kernel_guard.vault.policy.dataset import check_ask, check_cost
from kernel_guard.vault.policy.exact import check_exact


@dataclass(frozen=True)
class Part:
    """One table of a question; the only one has the name ""."""

    name: str
    ask: Ask
    pricing: Pricing


@dataclass(frozen=True)
class Checked:
    """A question after steps 1 to 5."""

    grant: Grant
    dataset: Dataset
    ask: Question
    digest: str
    parts: tuple[Part, ...]

    @property
    def cost(self) -> Budget:
        first, *rest = (part.pricing.cost for part in self.parts)
        return sum(rest, first)

    @property
    def advice(self) -> list[str]:
        """What would make it cost less; of several tables, each thing once."""
        return list(dict.fromkeys(text for part in self.parts for text in part.pricing.advice))[:3]

    def errors(self) -> list[dict[str, Any]]:
        """The expected errors as plain JSON values, for a quote."""
        return [
            {**error, "measure": f"{part.name}.{error['measure']}" if part.name else error["measure"]}
            for part in self.parts
            for error in part.pricing.errors()
        ]

    def requests(self) -> dict[str, PartialRequest]:
        """What an exact question asks of the engine, table by table."""
        return {part.name: part.pricing.request for part in self.parts}


def check_question(grant: Grant, dataset: Dataset, ask: Question) -> Checked:
    """Refuse what the schema or the policy does not allow; price the rest."""
    parts = _parts(ask, dataset)
    checked = Checked(grant, dataset, ask, digest(ask), parts)  # 4
    if isinstance(ask, ComposedAsk) and ask.epsilon is not None and checked.cost.epsilon != ask.epsilon:
        raise InternalError("The tables would not cost together what was asked.")
    check_cost(dataset.policy, checked.cost.epsilon)
    return checked


def _parts(question: Question, dataset: Dataset) -> tuple[Part, ...]:
    study = dataset.study
    asks = question.parts(question.epsilon) if isinstance(question, ComposedAsk) else (("", question),)
    shapes = [check_aggregate(ask.plan, study) for _, ask in asks]  # 2
    for _, ask in asks:
        check_ask(dataset.policy, ask, study.name)  # 3
        check_exact(ask, study)
    if isinstance(question, ComposedAsk) and question.route is Route.DP:
        shared = shared_out(question, shapes, study)
        asks = tuple((name, ask) for (name, _), ask in zip(asks, shared, strict=True))
    account = _account(dataset)
    pricings = [price(ask, shape, study, account) for (_, ask), shape in zip(asks, shapes, strict=True)]  # 5
    return tuple(Part(name, ask, pricing) for (name, ask), pricing in zip(asks, pricings, strict=True))


def _account(dataset: Dataset) -> Account:
    """How the budget that pays counts."""
    return Account(dataset.policy.accounting, dataset.policy.question_delta)


def study_of(ask: Question) -> str:
    """The study that a (first) plan names at its (leftmost) source."""
    node: Any = plans_of(ask)[0].source
    while hasattr(node, "source") or hasattr(node, "left"):
        node = node.source if hasattr(node, "source") else node.left
    return str(node.study)
