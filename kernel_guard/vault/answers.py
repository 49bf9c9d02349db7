"""Steps 7 to 9 of the gate: the tables of a question, run, protected, compared, and put together again.

- On the DP route each table's noise is paid from its own share. On the exact route all tables pass the rules and the
  comparison together, or none of them is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kernel_guard.plan import words
from kernel_guard.plan.composed import ComposedAsk
from kernel_guard.plan.privacy import Route
from kernel_guard.vault.composition import joined
from kernel_guard.vault.disclosure import Result
from kernel_guard.vault.disclosure.differencing.history import Write
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.engine.base import Engine
from kernel_guard.vault.exact import Asker, ExactRoute
from kernel_guard.vault.mechanisms import protect_dp
from kernel_guard.vault.questions import Checked

Index = tuple[Mapping[str, Any], ...]


def answered(
    checked: Checked, engine: Engine, exact: ExactRoute, checkpoint: Callable[[str], None]
) -> tuple[Result, Index, Write]:
    """The result, where its tables stand in it, and what its commit keeps besides."""
    if checked.ask.route is Route.SDC:
        study = checked.dataset.study
        together = exact.answer_together(engine, checked.requests(), study, *exact_terms(checked))
        checkpoint("ran")
        return *_whole(checked, together.results), together.write
    partials = [tuple(engine.partials(one) for one in part.pricing.requests) for part in checked.parts]
    checkpoint("ran")
    found = zip(checked.parts, partials, strict=True)
    results = {part.name: protect_dp(made, part.pricing, part.ask) for part, made in found}
    return *_whole(checked, results), lambda _tx, _release: None


def exact_terms(checked: Checked) -> tuple[RulePack, Asker]:
    """The rules of the project, and whose earlier releases count."""
    grant = checked.grant
    return checked.dataset.policy.rules(grant.project), Asker(grant.project, grant.user)


def _whole(checked: Checked, results: Mapping[str, Result]) -> tuple[Result, Index]:
    if not isinstance(checked.ask, ComposedAsk):
        return results[""], ()
    found = joined([(p.name, words.describe(p.ask.plan), results[p.name]) for p in checked.parts])
    return found.result, found.index
