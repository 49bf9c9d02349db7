"""What only the vault can tell a checker about releases: made here, typed by nobody.

- Patients behind a cell are told in bands, never exactly: a checker's screen is a way out too. Below the threshold
  nothing is told but that. For differentially private releases there are no bands: the error is the evidence.
- The patients are counted by the same engine on the same plan; the count never leaves this module.
- What other projects were given of the same cohort is named by project and words, not by result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kernel_guard.errors import KernelGuardError, NotFound
from kernel_guard.plan import words
from kernel_guard.plan.aggregates import Aggregate, CountPatients
from kernel_guard.plan.codec import digest, question_from_json
from kernel_guard.plan.composed import Question, plans_of
from kernel_guard.plan.privacy import Budget, Route
from kernel_guard.review.policy import Limits
from kernel_guard.trust.store import Store
from kernel_guard.trust.store.tables import releases
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.vault.catalogue.registry import Dataset, Registry
from kernel_guard.vault.engine.base import Bounding, Engine, PartialRequest
from kernel_guard.vault.ledger import Ledger, ReleaseRecord
from kernel_guard.vault.ledger.records import release_from

BANDS = (2, 5, 10, 50)  # multiples of the threshold at which a band ends
_SEARCHED = 500
_MAX_CELLS = 2_000


class VaultWitness:
    """The witness of one vault's releases."""

    def __init__(
        self, store: Store, ledger: Ledger, registry: Registry, engine_for: Callable[[Dataset], Engine]
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._registry = registry
        self._engine_for = engine_for

    def statements(self, project: str, release_ids: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
        """The statements of those releases that the project was given."""
        return {record.id: record.statement for record in self._records(project, release_ids)}

    def limits(self, project: str) -> Limits:
        """The strictest limits of the studies that this project was given anything of, or of all."""
        policies = self._registry.policies()
        with self._store.read() as tx:
            query = releases.select().with_only_columns(releases.c.study).where(releases.c.project == project)
            named = {row["study"] for row in tx.execute(query.distinct()).mappings()}
        chosen = [p for name, p in policies.items() if name in named] or list(policies.values())
        if not chosen:
            return Limits()
        packs = [policy.rules(project) for policy in chosen]
        return Limits(
            threshold=max(p.threshold for p in packs),
            zeros_disclosive=any(p.zeros_masked for p in packs),
            rounding=max(p.rounding for p in packs),
        )

    def evidence(self, project: str, release_ids: tuple[str, ...]) -> dict[str, Any]:
        """Everything about these releases, taken together."""
        found = self._records(project, release_ids)
        if not found:
            return {"made": to_text(utc_now()), "releases": []}
        first, asks = found[0], {r.id: _ask(r) for r in found}
        ask = asks[first.id]
        patients, freedom = self._patients(first, ask)
        spent = sum((_cost(r) for r in found), Budget.of(0))
        return {
            "made": to_text(utc_now()),
            "study": first.study,
            "route": first.route,
            "words": first.statement.get("words", ""),
            "plan": first.statement.get("plan"),
            "cohort": " / ".join(dict.fromkeys(words.relation(p.source) for p in plans_of(ask))) if ask else "",
            "releases": [_named(r) for r in found],
            "patients": patients,
            "degrees_of_freedom": freedom,
            "rules": [_with_margin(rule, patients) for r in found for rule in r.statement.get("rules", ())],
            "differencing": self._differencing(first, ask),
            "budget": {"epsilon": str(spent.epsilon), "delta": str(spent.delta)},
            "others": self._others(first, ask),
        }

    def _records(self, project: str, release_ids: tuple[str, ...]) -> list[ReleaseRecord]:
        found = []
        for release_id in release_ids:
            try:
                found.append(self._ledger.release(release_id, project))
            except NotFound:
                continue
        return found

    def _patients(self, record: ReleaseRecord, ask: Question | None) -> tuple[Any, Any]:
        """Bands of patients per cell, and at least how many degrees of freedom each number rests on."""
        dataset = self._dataset(record)
        if ask is None or record.route != Route.SDC.value or dataset is None:
            return None, None
        threshold, bands, freedom = dataset.policy.rules(record.project).threshold, [], []
        for plan, start, called in _tables(record, ask):
            for measure, counts in self._counted(dataset, plan):
                column = called.get(measure, measure)
                bands += [
                    {"row": row, "column": column, "band": band(n, threshold)} for row, n in enumerate(counts, start)
                ]
                shown = [n for n in counts if n >= threshold]
                least = lower_end(min(shown), threshold) - 1 if shown else 0
                freedom.append({"column": column, "at_least": least})
        return bands, freedom

    def _counted(self, dataset: Dataset, plan: Aggregate) -> list[tuple[str, tuple[int, ...]]]:
        """Patients per cell of each measure; empty where there are too many cells, or the engine cannot tell."""
        counting = tuple(CountPatients(m.name, getattr(m, "column", None)) for m in plan.measures)
        request = PartialRequest(Aggregate(plan.source, counting, plan.by), Route.SDC, None, Bounding.NONE, {}, {})
        if len(request.cells) * len(counting) > _MAX_CELLS:
            return []
        try:
            values = self._engine_for(dataset).partials(request).values
        except KernelGuardError:
            return []
        return [(m.name, tuple(values[m.name, "patients"])) for m in counting]

    def _dataset(self, record: ReleaseRecord) -> Dataset | None:
        """The data that the release was made from; None when they were replaced meanwhile."""
        try:
            dataset = self._registry.get(record.study)
        except NotFound:
            return None
        return dataset if dataset.study.version == record.data_version else None

    def _differencing(self, record: ReleaseRecord, ask: Question | None) -> dict[str, Any]:
        """What the gate compared before it released: every earlier exact release of this project and data."""
        if record.route != Route.SDC.value or ask is None:
            return {"compared": 0, "same_cohort": 0, "verdict": "not needed", "detail": "The ledger composes it."}
        earlier = [
            r
            for r in self._ledger.releases(record.study, record.project)
            if r.route == record.route and r.data_version == record.data_version and r.created < record.created
        ]
        mine = _cohorts(ask)
        same = sum(1 for r in earlier if mine & _cohorts(_ask(r)))
        return {
            "compared": len(earlier),
            "same_cohort": same,
            "verdict": "pass",
            "detail": "No earlier exact release is about almost the same patients without being about the same.",
        }

    def _others(self, record: ReleaseRecord, ask: Question | None) -> list[dict[str, str]]:
        """Who else was given something of this cohort."""
        if ask is None:
            return []
        mine = _cohorts(ask)
        query = releases.select().where(releases.c.study == record.study, releases.c.id != record.id)
        with self._store.read() as tx:
            rows = tx.execute(query.order_by(releases.c.created.desc()).limit(_SEARCHED)).mappings().all()
        found = []
        for other in map(release_from, rows):
            if mine & _cohorts(_ask(other)):
                said = str(other.statement.get("words", ""))
                found.append(
                    {"project": other.project, "user": other.user, "created": to_text(other.created), "words": said}
                )
        return found[:20]


def band(patients: int, threshold: int) -> str:
    """Such as `20-49`: the band that so many patients fall into."""
    if patients < threshold:
        return f"<{threshold}"
    ends = [threshold, *(threshold * b for b in BANDS)]
    for low, high in zip(ends, ends[1:], strict=False):
        if patients < high:
            return f"{low}-{high - 1}"
    return f">={ends[-1]}"


def lower_end(patients: int, threshold: int) -> int:
    """The lower end of the band of so many patients."""
    return max(end for end in (0, threshold, *(threshold * b for b in BANDS)) if end <= patients)


def _with_margin(rule: Mapping[str, Any], patients: list[dict[str, Any]] | None) -> dict[str, Any]:
    """A rule's verdict; a threshold's comes with how far the smallest cell that is shown lies above it."""
    shown = [p["band"] for p in patients or [] if not p["band"].startswith("<")]
    if not shown or "threshold" not in str(rule.get("rule", "")):
        return dict(rule)
    smallest = min(shown, key=lambda b: int(b.lstrip(">=").partition("-")[0]))
    return {**rule, "margin": f"The smallest cell that is shown has {smallest} patients."}


def _ask(record: ReleaseRecord) -> Question | None:
    """The question of a release; None where it was asked in another form."""
    try:
        return question_from_json(record.statement["plan"])
    except (KernelGuardError, KeyError):
        return None


def _cohorts(ask: Question | None) -> set[str]:
    """Whom a question is about."""
    return {digest(plan.source) for plan in plans_of(ask)} if ask is not None else set()


def _tables(record: ReleaseRecord, ask: Question) -> list[tuple[Aggregate, int, dict[str, str]]]:
    """Each table's plan, where its rows begin in the release, and what its columns are called there."""
    index = record.statement.get("tables") or [{"rows": [0], "columns": []}]
    return [
        (plan, entry["rows"][0], {c["name"]: c["in"] for c in entry["columns"]})
        for plan, entry in zip(plans_of(ask), index, strict=True)
    ]


def _cost(record: ReleaseRecord) -> Budget:
    cost = record.statement.get("cost", {})
    return Budget.of(cost.get("epsilon", 0), cost.get("delta", 0))


def _named(record: ReleaseRecord) -> dict[str, Any]:
    return {
        "id": record.id, "words": record.statement.get("words", ""), "route": record.route,
        "cost": record.statement.get("cost", {}), "created": to_text(record.created), "user": record.user,
    }  # fmt: skip
