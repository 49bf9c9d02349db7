"""The exact route from rows to a result: steps 7 to 9 of the gate, for questions without noise.

- Gather evidence, mask by the rules, compare with everything given exactly before; mask more, round, refuse or hand to
  review, as the pack says.
- What the rules do to a table depends on its small cells, so a comparison that would isolate a cell that is masked
  anyway is answered by masking more. Any other is refused as a whole: to mask just the cells that changed would tell
  where the few patients are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kernel_guard.plan.aggregates import CountPatients, CountRows
from kernel_guard.plan.codec import canonical_json
from kernel_guard.plan.schema import Study
from kernel_guard.trust.store import Transaction
from kernel_guard.trust.store.tables import release_evidence
from kernel_guard.vault.disclosure import refusals
from kernel_guard.vault.disclosure.differencing.compare import Conflict, as_bitmap, compare
from kernel_guard.vault.disclosure.differencing.filled import where_filled
from kernel_guard.vault.disclosure.differencing.history import History, Published, Write, writing
from kernel_guard.vault.disclosure.differencing.isolation import Codes, Verdict
from kernel_guard.vault.disclosure.differencing.statistic import statistic
from kernel_guard.vault.disclosure.evidence import for_checkers
from kernel_guard.vault.disclosure.gather import ExactTable, gather, subrequests
from kernel_guard.vault.disclosure.life_steps import pooled
from kernel_guard.vault.disclosure.linked import label, linked
from kernel_guard.vault.disclosure.pack import DIFFERENCING_BASE, RulePack
from kernel_guard.vault.disclosure.result import Result, Rule
from kernel_guard.vault.disclosure.sdc import Protected, protect_sdc
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.engine.base import Engine, PartialRequest
from kernel_guard.vault.policy.exact import in_one_cell

MOST_ROUNDS = 25
_UNSETTLED = Conflict(Verdict.TOO_LARGE, "", (), False)  # masking more did not come to an end


@dataclass(frozen=True)
class Asker:
    """Who asks: whose earlier releases count."""

    project: str
    user: str


@dataclass(frozen=True)
class Together:
    """The results of several tables by name, and what their one commit keeps besides."""

    results: Mapping[str, Result]
    write: Write


class ExactRoute:
    """Over one history."""

    def __init__(self, history: History) -> None:
        self._history = history

    def answer_together(
        self, engine: Engine, requests: Mapping[str, PartialRequest], study: Study, pack: RulePack, asker: Asker
    ) -> Together:
        """The protected answers to several checked questions, compared with each other as with what was before."""
        earlier = self._history.earlier(study.name, asker.project, asker.user, pack.scope)
        tables = [Sets(engine, name, gather(engine, request, pack), study) for name, request in requests.items()]
        protected, conflict = self._settled(tables, earlier, pack, study)
        if conflict is not None and conflict.verdict is Verdict.ISOLATES and pack.differencing == "round":
            pack = replace(pack, rounding=max(pack.rounding, DIFFERENCING_BASE))
            protected, conflict = self._settled(tables, earlier, pack, study)
        if conflict is not None:
            raise refusals.differencing(conflict, pack)
        published = [cell for sets in tables for cell in sets.published(protected[sets.name], pack)]
        write = writing(published, study=study.name, project=asker.project, user=asker.user, data_version=study.version)
        evidence = _evidence(tables, protected, pack)
        results = {name: _with_comparison(found.result, earlier, pack) for name, found in protected.items()}
        return Together(results, _both(write, evidence))

    def _settled(
        self, tables: Sequence[Sets], earlier: list[Published], pack: RulePack, study: Study
    ) -> tuple[dict[str, Protected], Conflict | None]:
        """Protect, compare, and mask more for as long as that is the answer."""
        also: dict[str, Mask] = {}
        apart = {sets.name for sets in tables if in_one_cell(sets.table.plan, study)}
        conflict: Conflict | None = _UNSETTLED
        for _ in range(MOST_ROUNDS):
            among = len(tables) > 1
            protected = {s.name: protect_sdc(s.table, pack, s.own(also), among=among) for s in tables}
            if _add(also, linked({s.name: (s.table, protected[s.name].masks) for s in tables}, apart, pack)):
                continue
            conflict = self._conflict(tables, protected, earlier, pack, study)
            if conflict is None or not conflict.hidden:
                return protected, conflict
            patients = {name: sets.patients(name) for sets in tables for name in sets.names}
            name, cell = min(conflict.cells, key=lambda c: int(patients[c[0]][c[1]]))
            also.setdefault(name, np.zeros(len(patients[name]), bool))[cell] = True
        return protected, conflict

    def _conflict(
        self, tables: Sequence[Sets], protected: Mapping[str, Protected], earlier: list[Published], pack: RulePack,
        study: Study,
    ) -> Conflict | None:  # fmt: skip
        new = [cell for sets in tables for cell in sets.published(protected[sets.name], pack)]
        masked = [cell for sets in tables for cell in sets.masked(protected[sets.name], pack)]
        return compare(new, masked, earlier, pack.threshold, study.version, tables[0].owners)


def _evidence(tables: Sequence[Sets], protected: Mapping[str, Protected], pack: RulePack) -> dict[str, Any]:
    """What the rules saw, of several tables each measure with the row in which its table begins."""
    found = [for_checkers(sets.table, protected[sets.name].masks, pack) for sets in tables]
    if not tables[0].name:
        return found[0]
    measures, start = dict[str, Any](), 0
    for sets, one in zip(tables, found, strict=True):
        for name, seen in one["measures"].items():
            measures[label(sets.name, name)] = {**seen, "start": start, "column": name}
        start += len(protected[sets.name].result.rows)
    secondary = {"cells": sum(one["secondary"]["cells"] for one in found), "method": found[0]["secondary"]["method"]}
    return {**found[0], "measures": measures, "secondary": secondary}


def _add(also: dict[str, Mask], more: Mapping[str, Mask]) -> bool:
    """Put further masks to those that are known; whether there were any."""
    for name, mask in more.items():
        also[name] = also[name] | mask if name in also else mask
    return bool(more)


class Sets:
    """Who stands behind each cell of a table; asked of the engine once. `name` is "" for a question of one table."""

    def __init__(self, engine: Engine, name: str, table: ExactTable, study: Study) -> None:
        self.name, self.table = name, table
        self._engine = engine
        self._statistics = {m.name: statistic(m, table.plan, study) for m in table.plan.measures}
        self._cells: dict[str, dict[int, tuple[Codes, Codes | None]]] = {}
        self._filled: list[tuple[str, int, int, tuple[Codes, Codes | None]]] = []
        self._owners: dict[str, Codes] = {}

    @property
    def names(self) -> dict[str, str]:
        """Label of each measure → its name in the table."""
        return {label(self.name, m.name): m.name for m in self.table.plan.measures}

    def own(self, masks: Mapping[str, Mask]) -> dict[str, Mask]:
        """Of masks by label, those of this table's measures."""
        return {name: masks[known] for known, name in self.names.items() if known in masks}

    def patients(self, known: str) -> Any:
        """Patients behind each cell of a measure, by its label."""
        return self.table.evidence[self.names[known]].patients

    def published(self, protected: Protected, pack: RulePack) -> list[Published]:
        """The cells whose exact numbers are given."""
        return self._chosen(protected, pack, hidden=False)

    def masked(self, protected: Protected, pack: RulePack) -> list[Published]:
        """The cells whose numbers are held back."""
        return self._chosen(protected, pack, hidden=True)

    def owners(self, table: str) -> Codes:
        if table not in self._owners:
            self._owners[table] = self._engine.owners(table)
        return self._owners[table]

    def _chosen(self, protected: Protected, pack: RulePack, *, hidden: bool) -> list[Published]:
        if not self._cells:
            self._load()
        found = []
        for measure in self.table.plan.measures:
            if pack.rounding > 1 and isinstance(measure, CountRows | CountPatients):
                continue
            masks = protected.masks.masked[measure.name]
            for cell, (patients, records) in pooled(self._cells[measure.name], self.table.request).items():
                if bool(masks[cell]) is hidden and len(patients):
                    found.append(self._made(measure.name, cell, patients, records))
            for name, part, cell, (patients, records) in self._filled:
                if name == measure.name and bool(masks[cell]) is hidden and len(patients):
                    found.append(replace(self._made(name, cell, patients, records), part=part))
        return found

    def _made(self, name: str, cell: int, patients: Codes, records: Codes | None) -> Published:
        rows = None if records is None else as_bitmap(records)
        return Published(label(self.name, name), cell, self._statistics[name], as_bitmap(patients), rows)

    def _load(self) -> None:
        layout = self.table.layout
        for kept, asked in subrequests(layout, self.table.request):
            for name, members in self._engine.members(asked).items():
                into = self._cells.setdefault(name, {})
                for cell, sets in zip(asked.cells, members.by_cell(len(asked.cells)), strict=True):
                    into[layout.place(kept, cell)] = sets
            for measure in asked.plan.measures:
                for part, filled in enumerate(where_filled(asked, measure), 1):
                    self._load_filled(kept, filled, measure.name, part)

    def _load_filled(self, kept: tuple[int, ...], asked: PartialRequest, name: str, part: int) -> None:
        """Sets of what is not 0, where they are not those of what is there."""
        members = self._engine.members(asked)[name].by_cell(len(asked.cells))
        for cell, (patients, records) in zip(asked.cells, members, strict=True):
            place = self.table.layout.place(kept, cell)
            every, rows = self._cells[name][place]
            if len(patients) != len(every) or (records is not None and rows is not None and len(records) != len(rows)):
                self._filled.append((name, part, place, (patients, records)))


def _with_comparison(result: Result, earlier: Iterable[Published], pack: RulePack) -> Result:
    releases = len({cell.release for cell in earlier})
    detail = f"no combination with {releases} earlier exact release(s) is about fewer than {pack.threshold} patients"
    return replace(result, rules=(*result.rules, Rule("differencing", "pass", detail)))


def _both(write: Write, evidence: object) -> Write:
    def writes(tx: Transaction, release: str) -> None:
        write(tx, release)
        text = canonical_json(evidence).decode()
        tx.execute(release_evidence.insert().values(release_id=release, evidence=text))

    return writes
