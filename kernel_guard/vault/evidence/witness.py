"""The vault's witness to a request: statements of the releases it names, the limits, and the evidence about them.

- For differentially private releases there are no patients per cell: the error is the evidence.
- What other projects were given of the same cohort is named by project and words, not by result.
- An item may name every release that its kernel held: the newest are told one by one, all count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kernel_guard.errors import KernelGuardError, NotFound
from kernel_guard.plan import words
from kernel_guard.plan.codec import digest, question_from_json
from kernel_guard.plan.composed import plans_of
from kernel_guard.plan.privacy import Budget, Route
from kernel_guard.plan.relations import Relation
from kernel_guard.review.policy import Limits
from kernel_guard.trust.store import Store
from kernel_guard.trust.store.tables import releases
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.vault.catalogue.registry import Dataset, Registry
from kernel_guard.vault.disclosure.differencing.history import History
from kernel_guard.vault.disclosure.differencing.isolation import Codes
from kernel_guard.vault.engine.base import Engine
from kernel_guard.vault.evidence import cells, neighbours
from kernel_guard.vault.ledger import ReleaseRecord
from kernel_guard.vault.ledger.records import release_from

MOST_TOLD = 20
_SEARCHED = 500
Json = dict[str, Any]


class VaultWitness:
    """The witness of one vault's releases."""

    def __init__(self, store: Store, registry: Registry, engine_for: Callable[[Dataset], Engine]) -> None:
        self._store = store
        self._registry = registry
        self._engine_for = engine_for
        self._history = History(store)

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
            degrees_of_freedom=max(p.degrees_of_freedom for p in packs),
        )

    def evidence(self, project: str, release_ids: tuple[str, ...]) -> Json:
        """Everything about these releases, taken together."""
        found = self._records(project, release_ids)
        if not found:
            return {"made": to_text(utc_now()), "releases": []}
        newest = found[-1]
        seen = {record.id: cells.kept(self._store, record.id) for record in found[-MOST_TOLD:]}
        spent = sum((_cost(r) for r in found), Budget.of(0))
        return {
            "made": to_text(utc_now()),
            "study": newest.study,
            "route": newest.route,
            "words": newest.statement.get("words", ""),
            "plan": newest.statement.get("plan"),
            "cohort": "; ".join(_cohorts(found)[:MOST_TOLD]),
            "releases": [_named(r, seen.get(r.id)) for r in found[-MOST_TOLD:]],
            "releases_in_all": len(found),
            **_of_cells(found, seen),
            "rules": [rule for r in found[-MOST_TOLD:] for rule in cells.rules_of(r.statement, seen.get(r.id))],
            "differencing": self._differencing(found),
            "budget": {"epsilon": str(spent.epsilon), "delta": str(spent.delta)},
            "others": self._others(found),
        }

    def _records(self, project: str, release_ids: tuple[str, ...]) -> list[ReleaseRecord]:
        """Those of the releases that are the project's, oldest first."""
        query = releases.select().where(releases.c.project == project, releases.c.id.in_(release_ids))
        with self._store.read() as tx:
            rows = tx.execute(query.order_by(releases.c.created, releases.c.id)).mappings().all()
        return [release_from(row) for row in rows]

    def _differencing(self, found: list[ReleaseRecord]) -> Json:
        exact = [r for r in found if r.route == Route.SDC.value]
        if not exact:
            return {"compared": 0, "cells": 0, "same_cohort": 0, "verdict": "not needed", "nearest": [],
                    "detail": "Nothing here is exact: the ledger composes what is asked again."}  # fmt: skip
        told = exact[-1]
        try:
            dataset = self._registry.get(told.study)
        except NotFound:
            dataset = None
        if dataset is None or dataset.study.version != told.data_version:
            return {"compared": 0, "cells": 0, "same_cohort": 0, "verdict": "unknown", "nearest": [],
                    "detail": "The data were replaced since; the gate compared it when it was released."}  # fmt: skip
        return self._compared(exact, told, dataset)

    def _compared(self, exact: list[ReleaseRecord], told: ReleaseRecord, dataset: Dataset) -> Json:
        pack = dataset.policy.rules(told.project)
        everything = self._history.earlier(told.study, told.project, told.user, pack.scope)
        ids = {r.id for r in exact if (r.study, r.data_version) == (told.study, told.data_version)}
        mine = [cell for cell in everything if cell.release in ids]
        others = [cell for cell in everything if cell.release not in ids]
        found = neighbours.differencing(mine, others, pack.threshold, told.data_version, self._owners(dataset))
        said = self._words({n["release"] for n in found["nearest"]})
        return {**found, "nearest": [{**n, **said.get(n["release"], {})} for n in found["nearest"]]}

    def _owners(self, dataset: Dataset) -> Callable[[str], Codes]:
        def owners(table: str) -> Codes:
            return self._engine_for(dataset).owners(table)

        return owners

    def _words(self, ids: set[str]) -> dict[str, Json]:
        with self._store.read() as tx:
            rows = tx.execute(releases.select().where(releases.c.id.in_(sorted(ids)))).mappings().all()
        return {r.id: {"words": r.statement.get("words", ""), "user": r.user, "project": r.project,
                       "created": to_text(r.created)} for r in map(release_from, rows)}  # fmt: skip

    def _others(self, found: list[ReleaseRecord]) -> list[dict[str, str]]:
        """Who else was given something of these cohorts."""
        mine = {digest(source) for r in found for source in _populations(r)}
        own, studies = {r.id for r in found}, sorted({r.study for r in found})
        query = releases.select().where(releases.c.study.in_(studies)).order_by(releases.c.created.desc())
        with self._store.read() as tx:
            rows = tx.execute(query.limit(_SEARCHED)).mappings().all()
        told = [
            {"project": other.project, "user": other.user, "created": to_text(other.created), "route": other.route,
             "words": str(other.statement.get("words", ""))}
            for other in map(release_from, rows)
            if other.id not in own and mine & {digest(source) for source in _populations(other)}
        ]  # fmt: skip
        return told[:MOST_TOLD]


def _of_cells(found: list[ReleaseRecord], seen: Mapping[str, cells.Kept | None]) -> Json:
    """Bands cell by cell where the item is one release; the least degrees of freedom of each exact column."""
    only = seen.get(found[-1].id) if len(found) == 1 else None
    freedom: dict[str, int] = {}
    for kept in filter(None, seen.values()):
        for one in kept.freedom():
            freedom[one["column"]] = min(one["at_least"], freedom.get(one["column"], one["at_least"]))
    told = [{"column": name, "at_least": least} for name, least in freedom.items()]
    return {"patients": only.patients() if only else None, "degrees_of_freedom": told or None}


def _populations(record: ReleaseRecord) -> list[Relation]:
    """Whom a release is about; empty where it was asked in another form."""
    try:
        return [plan.source for plan in plans_of(question_from_json(record.statement["plan"]))]
    except (KernelGuardError, KeyError):
        return []


def _cohorts(found: list[ReleaseRecord]) -> list[str]:
    """The cohorts in words, each once."""
    return list(dict.fromkeys(words.relation(source) for r in found for source in _populations(r)))


def _cost(record: ReleaseRecord) -> Budget:
    return Budget.read(record.statement.get("cost", {}))


def _named(record: ReleaseRecord, kept: cells.Kept | None) -> Json:
    least = kept.least() if kept else None
    return {
        "id": record.id, "words": record.statement.get("words", ""), "route": record.route,
        "cost": record.statement.get("cost", {}), "created": to_text(record.created), "user": record.user,
        "least": None if least is None else f">={least}",
    }  # fmt: skip
