"""Tables of protected code under the rules of exact tables, as far as the code says who is behind each row.

- The code's word is a claim. It can take numbers away and be remembered; it releases nothing: checkers decide.
- A row with fewer patients than the threshold loses its numbers before anybody sees them. Whom the run did not have
  does not count. A table that names nobody is shown to checkers as one that no rule could judge.
- Each row that keeps its numbers is compared with everything given exactly before and with the other rows, as a count
  and as a number made from every column that the run had. The checker sees the verdict; what would isolate too few
  cannot be approved.
- Upon approval the sets are remembered with the release. A false claim can only have later questions refused.
- The sets lie in the vault's store and leave it as a verdict alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyroaring import BitMap

from kernel_guard.errors import InternalError
from kernel_guard.plan.protected import ProtectedAsk, check_protected
from kernel_guard.plan.schema import Study
from kernel_guard.trust.store import Transaction
from kernel_guard.trust.store.tables import protected_sets
from kernel_guard.vault.disclosure.differencing.compare import Conflict, compare
from kernel_guard.vault.disclosure.differencing.history import History, Published, Write, writing
from kernel_guard.vault.disclosure.differencing.isolation import Codes
from kernel_guard.vault.disclosure.differencing.statistic import PATIENTS, Statistic
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.runner.parcel import Handed

Sets = Mapping[int, BitMap]


@dataclass(frozen=True)
class Ruled:
    """An object after the threshold; `sets` are the patients named for each row that kept its numbers."""

    handed: Handed
    counts: tuple[int, ...] | None
    masked: tuple[int, ...]
    sets: Sets


@dataclass(frozen=True)
class Given:
    """To whom an object would be given, under which rules."""

    study: Study
    project: str
    user: str
    pack: RulePack


def ruled(handed: Handed, who: tuple[Any, ...], threshold: int) -> Ruled:
    """Apply the threshold to what was handed over; `who` is the patient of each stand-in, from 1."""
    if handed.claimed is None:
        return Ruled(handed, None, (), {})
    groups = [[who[s - 1] for s in claimed if 0 < s <= len(who) and _is_code(who[s - 1])] for claimed in handed.claimed]
    counts = tuple(map(len, groups))
    masked = tuple(i for i, n in enumerate(counts) if n < threshold)
    hidden = frozenset(masked)
    rows = tuple(_without_numbers(row) if i in hidden else row for i, row in enumerate(handed.rows))
    sets = {i: BitMap(group) for i, group in enumerate(groups) if i not in hidden}
    return Ruled(replace(handed, rows=rows), counts, masked, sets)


def published(sets: Sets, ask: ProtectedAsk, study: Study) -> list[Published]:
    """What the rows of an object say, as cells that can be compared with other releases."""
    columns = frozenset(f"{table.name}.{c.name}" for table, used in check_protected(ask, study) for c in used)
    kinds = (Statistic("count", frozenset(), PATIENTS), Statistic("values", columns, PATIENTS))
    return [Published(kind.kind, row, kind, people, None) for kind in kinds for row, people in sets.items()]


def conflict(history: History, sets: Sets, ask: ProtectedAsk, to: Given) -> Conflict | None:
    """Whether these rows, with what was given before, would tell about fewer than the threshold."""
    if not sets:
        return None
    earlier = history.earlier(to.study.name, to.project, to.user, to.pack.scope)
    return compare(published(sets, ask, to.study), [], earlier, to.pack.threshold, to.study.version, _no_rows)


def remembering(sets: Sets, ask: ProtectedAsk, to: Given) -> Write:
    """What the commit of the release does besides."""
    version = to.study.version
    cells = published(sets, ask, to.study)
    return writing(cells, study=to.study.name, project=to.project, user=to.user, data_version=version)


def keep(tx: Transaction, object_id: str, sets: Sets) -> None:
    """Seal an object's sets away."""
    rows = [{"object_id": object_id, "cell": cell, "patients": people.serialize()} for cell, people in sets.items()]
    if rows:
        tx.execute(protected_sets.insert(), rows)


def kept(tx: Transaction, object_id: str) -> Sets:
    """The sets of an object."""
    rows = tx.execute(protected_sets.select().where(protected_sets.c.object_id == object_id)).all()
    return {row.cell: BitMap.deserialize(row.patients) for row in rows}


def _without_numbers(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value if isinstance(value, str) else None for value in row)


def _is_code(key: Any) -> bool:
    # Not an error: code that could make one happen or not would have told something.
    return isinstance(key, int) and 0 <= key < 2**32


def _no_rows(table: str) -> Codes:
    raise InternalError(f"Rows of {table} have no part in this comparison.")
