"""What a researcher could ask instead: the questions of `disclosure.repairs`, each tried as far as step 9.

- Nothing is kept of a trial: neither a release nor a reservation. What it tells is one bit, which asking would tell.
- A repair of masked cells must leave none masked; one of a refusal must be answered with a number at least.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import PolicyForbids
from kernel_guard.plan.codec import question_from_json
from kernel_guard.plan.composed import Question
from kernel_guard.plan.privacy import Route
from kernel_guard.vault.answers import exact_terms
from kernel_guard.vault.composition import NOT_ASKED, TABLE
from kernel_guard.vault.disclosure import Result
from kernel_guard.vault.disclosure.repairs import of_masks, of_refusal, source_of
from kernel_guard.vault.engine.base import Engine
from kernel_guard.vault.exact import ExactRoute
from kernel_guard.vault.ledger import Ledger, ReleaseRecord
from kernel_guard.vault.questions import Checked, check_question


@dataclass(frozen=True)
class Repairing:
    """Trials of other questions, for one checked question."""

    ledger: Ledger
    exact: ExactRoute
    engine: Engine
    checked: Checked

    def after_refusal(self, refusal: PolicyForbids) -> list[Any]:
        """What would be answered instead of a refused question."""
        grant, dataset = self.checked.grant, self.checked.dataset
        named = refusal.details.get("earlier_release")
        # In the scope "people" it may be another project's, whose questions are not this one's to see.
        known = [r for r in self.ledger.releases(dataset.study.name, grant.project) if r.id == named]
        earlier = source_of(known[0].statement) if known else None
        most = dataset.policy.max_epsilon
        return of_refusal(self.checked.ask, earlier, dataset.study, most, lambda ask: self._told(ask, whole=False))

    def after_masks(self, record: ReleaseRecord) -> list[Any]:
        """What would be answered without masks instead of this release."""
        cells = hidden(record.statement)
        if not cells or self.checked.ask.route is not Route.SDC:
            return []
        most = self.checked.dataset.policy.max_epsilon
        return of_masks(self.checked.ask, cells, most, lambda ask: self._told(ask, whole=True))

    def _told(self, ask: Question, *, whole: bool) -> bool:
        """Whether the question would be answered: with every number, or with one at least."""
        grant, dataset = self.checked.grant, self.checked.dataset
        made = check_question(grant, dataset, ask)
        if ask.route is Route.DP:
            return made.cost.fits(self.ledger.budget(dataset.study.name, grant.project, grant.user).left)
        together = self.exact.answer_together(self.engine, made.requests(), dataset.study, *exact_terms(made))
        masked = [told is None for result in together.results.values() for told in _numbers(result)]
        return not any(masked) if whole else not all(masked)


def asked_in(record: ReleaseRecord) -> Question:
    """The question of a release."""
    return question_from_json(record.statement["plan"])


def hidden(statement: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """By table ("" where there is only one), the keys of each cell in which a number is masked."""
    found: dict[str, list[dict[str, Any]]] = {}
    own = {c["name"]: {o["in"]: o["name"] for o in t["columns"]} for t in statement.get("tables", ()) for c in (t,)}
    for cell in _masked(statement):
        table = cell.pop(TABLE, "") if own else ""
        names = own.get(table, {})
        found.setdefault(table, []).append({names.get(k, k): v for k, v in cell.items() if not names or k in names})
    return found


def _masked(statement: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    columns = statement["columns"]
    keys = [(i, c["name"]) for i, c in enumerate(columns) if c["role"] == "key"]
    at = {c["name"]: i for i, c in enumerate(columns)}
    statuses = [(at[c["of"]], i) for i, c in enumerate(columns) if c["role"] == "status"]
    for row in statement["rows"]:
        if any(row[value] is None and row[status] not in (NOT_ASKED, "no values") for value, status in statuses):
            yield {name: row[i] for i, name in keys}


def _numbers(result: Result) -> Iterator[Any]:
    """The values of a result; where there is nothing to tell, nothing is masked."""
    at = {c.name: i for i, c in enumerate(result.columns)}
    statuses = [(at[str(c.of)], i) for i, c in enumerate(result.columns) if c.role == "status"]
    for row in result.rows:
        yield from (row[value] for value, status in statuses if row[status] != "no values")
