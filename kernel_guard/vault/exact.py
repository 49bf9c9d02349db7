"""The exact route from rows to a result: steps 7 to 9 of the gate, for questions without noise.

- Gather evidence, mask by the rules, compare with everything given exactly before; mask more, round, refuse or hand to
  review, as the pack says.
- What the rules do to a table depends on its small cells, so a comparison that would isolate a cell that is masked
  anyway is answered by masking more. Any other is refused as a whole: to mask just the cells that changed would tell
  where the few patients are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from kernel_guard.plan.aggregates import CountPatients, CountRows
from kernel_guard.plan.codec import canonical_json
from kernel_guard.plan.schema import Study
from kernel_guard.trust.store import Transaction
from kernel_guard.trust.store.tables import release_evidence
from kernel_guard.vault.disclosure import refusals
from kernel_guard.vault.disclosure.differencing.compare import Conflict, as_bitmap, compare
from kernel_guard.vault.disclosure.differencing.history import History, Published, Write, writing
from kernel_guard.vault.disclosure.differencing.isolation import Codes, Verdict
from kernel_guard.vault.disclosure.differencing.statistic import statistic
from kernel_guard.vault.disclosure.evidence import for_checkers
from kernel_guard.vault.disclosure.gather import ExactTable, gather, subrequests
from kernel_guard.vault.disclosure.life_steps import pooled
from kernel_guard.vault.disclosure.pack import DIFFERENCING_BASE, RulePack
from kernel_guard.vault.disclosure.result import Result, Rule
from kernel_guard.vault.disclosure.sdc import Protected, protect_sdc
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.engine.base import Engine, PartialRequest

MOST_ROUNDS = 25


@dataclass(frozen=True)
class Asker:
    """Who asks: whose earlier releases count."""

    project: str
    user: str


@dataclass(frozen=True)
class Exact:
    """A result, and what its commit keeps besides."""

    result: Result
    write: Write


class ExactRoute:
    """Over one history."""

    def __init__(self, history: History) -> None:
        self._history = history

    def answer(self, engine: Engine, request: PartialRequest, study: Study, pack: RulePack, asker: Asker) -> Exact:
        """The protected answer to a checked question; `PolicyForbids` when there is none."""
        table = gather(engine, request, pack)
        earlier = self._history.earlier(study.name, asker.project, asker.user, pack.scope)
        sets = _Sets(engine, table, study)
        protected, conflict = self._settled(table, sets, earlier, pack, study)
        if conflict is not None and conflict.verdict is Verdict.ISOLATES and pack.differencing == "round":
            pack = replace(pack, rounding=max(pack.rounding, DIFFERENCING_BASE))
            protected, conflict = self._settled(table, sets, earlier, pack, study)
        if conflict is not None:
            raise refusals.differencing(conflict, pack)
        published = sets.published(protected, pack)
        write = writing(published, study=study.name, project=asker.project, user=asker.user, data_version=study.version)
        evidence = for_checkers(table, protected.masks, pack)
        return Exact(_with_comparison(protected.result, earlier, pack), _both(write, evidence))

    def _settled(
        self, table: ExactTable, sets: _Sets, earlier: list[Published], pack: RulePack, study: Study
    ) -> tuple[Protected, Conflict | None]:
        """Protect, compare, and mask more for as long as that is the answer."""
        also: dict[str, Mask] = {}
        for _ in range(MOST_ROUNDS):
            protected = protect_sdc(table, pack, also)
            new, masked = sets.published(protected, pack), sets.masked(protected, pack)
            conflict = compare(new, masked, earlier, pack.threshold, study.version, sets.owners)
            if conflict is None or not conflict.hidden:
                return protected, conflict
            cells = {name: table.evidence[name].patients for name, _ in conflict.cells}
            name, cell = min(conflict.cells, key=lambda c: int(cells[c[0]][c[1]]))
            also.setdefault(name, np.zeros(len(table.layout.cells), bool))[cell] = True
        return protected, conflict


class _Sets:
    """Who stands behind each cell of a table; asked of the engine once."""

    def __init__(self, engine: Engine, table: ExactTable, study: Study) -> None:
        self._engine, self._table = engine, table
        self._statistics = {m.name: statistic(m, table.plan, study) for m in table.plan.measures}
        self._cells: dict[str, dict[int, tuple[Codes, Codes | None]]] = {}
        self._owners: dict[str, Codes] = {}

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
        for measure in self._table.plan.measures:
            if pack.rounding > 1 and isinstance(measure, CountRows | CountPatients):
                continue
            masks = protected.masks.masked[measure.name]
            for cell, (patients, records) in pooled(self._cells[measure.name], self._table.request).items():
                if bool(masks[cell]) is hidden and len(patients):
                    found.append(self._made(measure.name, cell, patients, records))
        return found

    def _made(self, name: str, cell: int, patients: Codes, records: Codes | None) -> Published:
        rows = None if records is None else as_bitmap(records)
        return Published(name, cell, self._statistics[name], as_bitmap(patients), rows)

    def _load(self) -> None:
        layout = self._table.layout
        for kept, asked in subrequests(layout, self._table.request):
            for name, members in self._engine.members(asked).items():
                into = self._cells.setdefault(name, {})
                for cell, sets in zip(asked.cells, members.by_cell(len(asked.cells)), strict=True):
                    into[layout.place(kept, cell)] = sets


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
