"""A question as the gate works on it: its tables, each checked and priced, and their answers put together again.

- Steps 2, 3 and 5 of the gate for one table or for many. A question of many tables has one price, the sum of theirs.
- On the DP route each table's noise is paid from its own share; on the exact route all tables pass the rules and the
  comparison together, or none of them is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import InternalError
from kernel_guard.plan import words
from kernel_guard.plan.composed import ComposedAsk, Question
from kernel_guard.plan.privacy import Ask, Budget, Route
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.catalogue.registry import Dataset
from kernel_guard.vault.composition import joined
from kernel_guard.vault.disclosure import Result
from kernel_guard.vault.disclosure.differencing.history import Write
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.engine.base import Engine, PartialRequest
from kernel_guard.vault.exact import Asker, ExactRoute
from kernel_guard.vault.mechanisms import Pricing, price, protect_dp
from kernel_guard.vault.mechanisms.shares import shared_out
from kernel_guard.vault.policy.dataset import check_ask, check_cost
from kernel_guard.vault.policy.exact import check_exact

Index = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Part:
    """One table of a question; the only one has the name ""."""

    name: str
    ask: Ask
    pricing: Pricing


@dataclass(frozen=True)
class Priced:
    """A question after step 5."""

    question: Question
    parts: tuple[Part, ...]

    @property
    def cost(self) -> Budget:
        first, *rest = (part.pricing.cost for part in self.parts)
        return sum(rest, first)

    @property
    def advice(self) -> list[str]:
        """What would make it cost less; of many tables, each thing once."""
        return list(dict.fromkeys(text for part in self.parts for text in part.pricing.advice))[:3]

    def requests(self) -> dict[str, PartialRequest]:
        """What an exact question asks of the engine, table by table."""
        return {part.name: part.pricing.request for part in self.parts}

    def errors(self) -> list[dict[str, Any]]:
        """The expected errors as plain JSON values, for a quote."""
        return [
            {**error, "measure": f"{part.name}.{error['measure']}" if part.name else error["measure"]}
            for part in self.parts
            for error in part.pricing.errors()
        ]


def priced(question: Question, dataset: Dataset) -> Priced:
    """Check and price every table of a question; refuses it whole."""
    study = dataset.study
    asks = question.parts(question.epsilon) if isinstance(question, ComposedAsk) else (("", question),)
    shapes = [check_aggregate(ask.plan, study) for _, ask in asks]
    for _, ask in asks:
        check_ask(dataset.policy, ask, study.name)
        check_exact(ask, study)
    if isinstance(question, ComposedAsk) and question.route is Route.DP:
        shared = shared_out(question, shapes, study)
        asks = tuple((name, ask) for (name, _), ask in zip(asks, shared, strict=True))
    made = Priced(
        question,
        tuple(Part(name, ask, price(ask, shape, study)) for (name, ask), shape in zip(asks, shapes, strict=True)),
    )
    if isinstance(question, ComposedAsk) and question.epsilon is not None and made.cost.epsilon != question.epsilon:
        raise InternalError("The tables would not cost together what was asked.")
    check_cost(dataset.policy, made.cost.epsilon)
    return made


def answered(
    made: Priced, engine: Engine, dataset: Dataset, exact: ExactRoute, terms: tuple[RulePack, Asker],
    checkpoint: Callable[[str], None],
) -> tuple[Result, Index, Write]:  # fmt: skip
    """Steps 7 to 9: the result, where its tables stand in it, and what its commit keeps besides."""
    if made.question.route is Route.SDC:
        together = exact.answer_together(engine, made.requests(), dataset.study, *terms)
        checkpoint("ran")
        return *_whole(made, together.results), together.write
    partials = [tuple(engine.partials(one) for one in part.pricing.requests) for part in made.parts]
    checkpoint("ran")
    results = {
        part.name: protect_dp(found, part.pricing, part.ask) for part, found in zip(made.parts, partials, strict=True)
    }
    return *_whole(made, results), lambda _tx, _release: None


def _whole(made: Priced, results: Mapping[str, Result]) -> tuple[Result, Index]:
    if not isinstance(made.question, ComposedAsk):
        return results[""], ()
    found = joined([(p.name, words.describe(p.ask.plan), results[p.name]) for p in made.parts])
    return found.result, found.index
