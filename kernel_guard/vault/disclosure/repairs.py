"""Ways out of a refusal or of masked cells: other questions that would be answered, each checked before it is offered.

- At most three. A repair is a whole question, so that one call or one click asks it.
- Which questions are tried follows from the plan, the policy and what was published: never from what was held back.
- That a repair passes is what asking it would tell, and asking it costs nothing: offering it tells no more. It names no
  patient and no number.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from kernel_guard.errors import KernelGuardError
from kernel_guard.plan.aggregates import Aggregate
from kernel_guard.plan.codec import decode, encode
from kernel_guard.plan.composed import ComposedAsk, Question
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Relation
from kernel_guard.plan.schema import Study
from kernel_guard.vault.disclosure.coarser import merged, widened

MOST = 3
TRIED = 10  # each costs as much as the question itself
USUAL = Fraction(1, 2)
Hidden = Mapping[str, Iterable[Mapping[str, Any]]]
Tries = Callable[[Question], bool]


@dataclass(frozen=True)
class Repair:
    """Another question, in words, with what it costs."""

    kind: str
    text: str
    ask: Question

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text, "ask": encode(self.ask)}


def of_refusal(ask: Question, earlier: Relation | None, study: Study, most: Fraction, passes: Tries) -> list[Any]:
    """The repairs of a refused exact question that `passes` says would be answered."""
    return _offered(_after_refusal(ask, earlier, study, min(USUAL, most)), passes)


def of_masks(ask: Question, hidden: Hidden, most: Fraction, passes: Tries) -> list[Any]:
    """The repairs of an answer with masked cells; `hidden` has, by table, the keys of each of them."""
    return _offered(_after_masks(ask, hidden, min(USUAL, most)), passes)


def source_of(statement: Mapping[str, Any]) -> Relation | None:
    """The population of an earlier release; None where it was asked in another form."""
    try:
        ask: Ask = decode(Ask, statement["plan"])
    except (KernelGuardError, KeyError):
        return None
    return ask.plan.source


def _offered(candidates: Iterator[Repair], passes: Tries) -> list[Any]:
    found: list[Any] = []
    for tried, repair in enumerate(candidates):
        if len(found) == MOST or tried == TRIED:
            break
        try:
            if passes(repair.ask):
                found.append(repair.to_json())
        except KernelGuardError:
            continue
    return found


def _after_refusal(ask: Question, earlier: Relation | None, study: Study, epsilon: Fraction) -> Iterator[Repair]:
    if isinstance(ask, ComposedAsk):
        yield _noise(ask, epsilon)
        yield from _fewer(ask)
        return
    plan = ask.plan
    if earlier is not None and earlier != plan.source:
        same = replace(plan, source=earlier)
        yield Repair("population", "Ask it of the earlier release's patients.", replace(ask, plan=same))
    if plan.totals:
        yield Repair("coarser", "Ask it without totals.", replace(ask, plan=replace(plan, totals=False)))
    yield _noise(ask, epsilon)
    for text, wider in widened(plan, study):
        yield Repair("wider", text, replace(ask, plan=wider))
    yield from _without_keys(ask, plan)


def _after_masks(ask: Question, hidden: Hidden, epsilon: Fraction) -> Iterator[Repair]:
    if isinstance(ask, ComposedAsk):
        yield from itertools.islice(_merged_tables(ask, hidden), TRIED - 1)
        yield _noise(ask, epsilon)
        return
    for text, plan in merged(ask.plan, hidden.get("", ())):
        yield Repair("merge", text, replace(ask, plan=plan))
    yield from _without_keys(ask, ask.plan)
    yield _noise(ask, epsilon)


def _merged_tables(ask: ComposedAsk, hidden: Hidden) -> Iterator[Repair]:
    for i, table in enumerate(ask.tables):
        for text, plan in merged(table.plan, hidden.get(table.name, ())):
            tables = (*ask.tables[:i], replace(table, plan=plan), *ask.tables[i + 1 :])
            yield Repair("merge", f"{table.name}: {text}", replace(ask, tables=tables))


def _without_keys(ask: Ask, plan: Aggregate) -> Iterator[Repair]:
    for i, key in enumerate(plan.by):
        fewer = replace(plan, by=plan.by[:i] + plan.by[i + 1 :], totals=plan.totals and len(plan.by) > 1)
        yield Repair("coarser", f"Ask it without {key.column!r}.", replace(ask, plan=fewer))


def _noise(ask: Question, epsilon: Fraction) -> Repair:
    """The same numbers with noise: the masks and the comparison are not needed then."""
    if isinstance(ask, ComposedAsk):
        tables = tuple(replace(t, plan=replace(t.plan, totals=False)) for t in ask.tables)
        them = replace(ask, tables=tables, route=Route.DP, epsilon=epsilon)
        return Repair("noise", f"Ask them with noise, at a cost of ε = {float(epsilon):g} for all.", them)
    it = replace(ask, plan=replace(ask.plan, totals=False), route=Route.DP, epsilon=epsilon)
    return Repair("noise", f"Ask it with noise, at a cost of ε = {float(epsilon):g}.", it)


def _fewer(ask: ComposedAsk) -> Iterator[Repair]:
    """One table fewer; the last one first, as the one that the others did not need."""
    for table in reversed(ask.tables[1:]):
        fewer = tuple(t for t in ask.tables if t != table)
        yield Repair("fewer", f"Ask them without {table.name!r}.", replace(ask, tables=fewer))
