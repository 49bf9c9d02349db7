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
from kernel_guard.plan.codec import decode, digest
from kernel_guard.plan.privacy import Ask, Budget, Route
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
            "cohort": words.relation(ask.plan.source) if ask else "",
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

    def _patients(self, record: ReleaseRecord, ask: Ask | None) -> tuple[Any, Any]:
        """Bands of patients per cell, and at least how many degrees of freedom each number rests on."""
        dataset = self._dataset(record)
        if ask is None or record.route != Route.SDC.value or dataset is None:
            return None, None
        plan = Aggregate(
            ask.plan.source,
            tuple(CountPatients(m.name, getattr(m, "column", None)) for m in ask.plan.measures),
            ask.plan.by,
        )
        request = PartialRequest(plan, Route.SDC, None, Bounding.NONE, {}, {})
        if len(request.cells) * len(plan.measures) > _MAX_CELLS:
            return [], []
        try:
            values = self._engine_for(dataset).partials(request).values
        except KernelGuardError:
            return [], []
        threshold, bands, freedom = dataset.policy.rules(record.project).threshold, [], []
        for measure in plan.measures:
            counts = values[measure.name, "patients"]
            for row, patients in enumerate(counts):
                bands.append({"row": row, "column": measure.name, "band": band(patients, threshold)})
            shown = [n for n in counts if n >= threshold]
            least = lower_end(min(shown), threshold) - 1 if shown else 0
            freedom.append({"column": measure.name, "at_least": least})
        return bands, freedom

    def _dataset(self, record: ReleaseRecord) -> Dataset | None:
        """The data that the release was made from; None when they were replaced meanwhile."""
        try:
            dataset = self._registry.get(record.study)
        except NotFound:
            return None
        return dataset if dataset.study.version == record.data_version else None

    def _differencing(self, record: ReleaseRecord, ask: Ask | None) -> dict[str, Any]:
        """What the gate compared before it released: every earlier exact release of this project and data."""
        if record.route != Route.SDC.value or ask is None:
            return {"compared": 0, "same_cohort": 0, "verdict": "not needed", "detail": "The ledger composes it."}
        earlier = [
            r
            for r in self._ledger.releases(record.study, record.project)
            if r.route == record.route and r.data_version == record.data_version and r.created < record.created
        ]
        mine = digest(ask.plan.source)
        same = sum(1 for r in earlier if (other := _ask(r)) is not None and digest(other.plan.source) == mine)
        return {
            "compared": len(earlier),
            "same_cohort": same,
            "verdict": "pass",
            "detail": "No earlier exact release is about almost the same patients without being about the same.",
        }

    def _others(self, record: ReleaseRecord, ask: Ask | None) -> list[dict[str, str]]:
        """Who else was given something of this cohort."""
        if ask is None:
            return []
        mine = digest(ask.plan.source)
        query = releases.select().where(releases.c.study == record.study, releases.c.id != record.id)
        with self._store.read() as tx:
            rows = tx.execute(query.order_by(releases.c.created.desc()).limit(_SEARCHED)).mappings().all()
        found = []
        for other in map(release_from, rows):
            asked = _ask(other)
            if asked is not None and digest(asked.plan.source) == mine:
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


def _ask(record: ReleaseRecord) -> Ask | None:
    """The question of a release; None where it was asked in another form."""
    try:
        return decode(Ask, record.statement["plan"])
    except (KernelGuardError, KeyError):
        return None


def _cost(record: ReleaseRecord) -> Budget:
    return Budget.read(record.statement.get("cost", {}))


def _named(record: ReleaseRecord) -> dict[str, Any]:
    return {
        "id": record.id, "words": record.statement.get("words", ""), "route": record.route,
        "cost": record.statement.get("cost", {}), "created": to_text(record.created), "user": record.user,
    }  # fmt: skip
