"""Ways out of a refusal: other questions that would be answered, each checked before it is offered.

- At most three. A repair is a whole question, so that one call or one click asks it.
- That a repair passes is what asking it would have told anyway: offering it tells no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from kernel_guard.errors import KernelGuardError
from kernel_guard.plan.codec import decode, encode
from kernel_guard.plan.composed import ComposedAsk, Question
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Relation

MOST = 3
USUAL = Fraction(1, 2)


@dataclass(frozen=True)
class Repair:
    """Another question, in words, with what it costs."""

    kind: str
    text: str
    ask: Question

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text, "ask": encode(self.ask)}


def offered(
    ask: Question, earlier: Relation | None, most_epsilon: Fraction, passes: Callable[[Question], bool]
) -> list[Any]:
    """The repairs of a refused exact question that `passes` says would be answered."""
    found = []
    for repair in _candidates(ask, earlier, min(USUAL, most_epsilon)):
        try:
            if passes(repair.ask):
                found.append(repair.to_json())
        except KernelGuardError:
            continue
        if len(found) == MOST:
            break
    return found


def source_of(statement: Mapping[str, Any]) -> Relation | None:
    """The population of an earlier release; None where it was asked in another form."""
    try:
        ask: Ask = decode(Ask, statement["plan"])
    except (KernelGuardError, KeyError):
        return None
    return ask.plan.source


def _candidates(ask: Question, earlier: Relation | None, epsilon: Fraction) -> Iterator[Repair]:
    if isinstance(ask, ComposedAsk):
        yield from _of_many(ask, epsilon)
        return
    plan = ask.plan
    if earlier is not None and earlier != plan.source:
        same = replace(plan, source=earlier)
        yield Repair("population", "Ask it of the earlier release's patients.", replace(ask, plan=same))
    if plan.totals:
        yield Repair("coarser", "Ask it without totals.", replace(ask, plan=replace(plan, totals=False)))
    noisy = replace(ask, plan=replace(plan, totals=False), route=Route.DP, epsilon=epsilon)
    yield Repair("noise", f"Ask it with noise, at a cost of ε = {float(epsilon):g}.", noisy)
    for i, key in enumerate(plan.by):
        fewer = replace(plan, by=plan.by[:i] + plan.by[i + 1 :])
        yield Repair("coarser", f"Ask it without {key.column!r}.", replace(ask, plan=fewer))


def _of_many(ask: ComposedAsk, epsilon: Fraction) -> Iterator[Repair]:
    """Noise for all tables, or one table fewer."""
    noisy = tuple(replace(t, plan=replace(t.plan, totals=False)) for t in ask.tables)
    text = f"Ask them with noise, at a cost of ε = {float(epsilon):g} for all."
    yield Repair("noise", text, replace(ask, tables=noisy, route=Route.DP, epsilon=epsilon))
    for table in ask.tables[1:] if len(ask.tables) > 1 else ():
        fewer = tuple(t for t in ask.tables if t != table)
        yield Repair("fewer", f"Ask them without {table.name!r}.", replace(ask, tables=fewer))
