"""What the rules saw of an exact release, from the evidence that its commit kept: in bands, cell by cell.

- A cell's place is its row in the released table; the two are written in the same order. Of several tables below each
  other each measure says in which row its table begins.
- Rules are told with their margin: how far the smallest cell that is shown lies above the threshold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.trust.store import Store
from kernel_guard.trust.store.tables import release_evidence
from kernel_guard.vault.evidence.bands import band, lower_end

Json = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """The evidence of one release; `threshold` is that of the pack under which it was made."""

    measures: Mapping[str, Json]
    threshold: int

    def patients(self) -> list[Json]:
        """Row, column and band of every cell that was kept."""
        return [
            {"row": row, "column": self._column(name), "band": band(cell["patients"], self.threshold)}
            for name, cell, row in self._cells()
        ]

    def _column(self, name: str) -> str:
        """What a measure is called in the released table."""
        return str(self.measures[name].get("column", name))

    def least(self) -> int | None:
        """The lower end of the band of the smallest cell that is shown; None where every cell is masked."""
        shown = [cell["patients"] for _, cell, _ in self._cells() if not cell["masked"]]
        return lower_end(min(shown), self.threshold) if shown else None

    def freedom(self) -> list[Json]:
        """At least how many degrees of freedom each column's numbers rest on."""
        found = []
        for name in self.measures:
            shown = [cell["patients"] for own, cell, _ in self._cells() if own == name and not cell["masked"]]
            least = lower_end(min(shown), self.threshold) - 1 if shown else 0
            found.append({"column": name, "at_least": max(least, 0)})
        return found

    def largest_share(self) -> str:
        """The largest share of one patient in a total that is shown, in steps of ten per cent; empty for counts."""
        shares = [cell["largest_share"] for _, cell, _ in self._cells() if not cell["masked"] and cell["largest_share"]]
        return f"at most {10 * (int(max(shares) * 10) + 1)} %" if shares and max(shares) < 1 else ""

    def _cells(self) -> list[tuple[str, Json, int]]:
        return [
            (name, cell, row)
            for name, measure in self.measures.items()
            for row, cell in enumerate(measure.get("cells", ()), int(measure.get("start", 0)))
        ]


def kept(store: Store, release_id: str) -> Kept | None:
    """The evidence of a release; None where it was not an exact one."""
    with store.read() as tx:
        query = release_evidence.select().where(release_evidence.c.release_id == release_id)
        row = tx.execute(query).mappings().one_or_none()
    if row is None:
        return None
    evidence = json.loads(row["evidence"])
    return Kept(evidence["measures"], int(evidence["values"]["threshold"]))


def rules_of(statement: Mapping[str, Any], found: Kept | None) -> list[Json]:
    """The rules of a release with their verdicts; a threshold's and a dominance's with its margin."""
    told = []
    for rule in statement.get("rules", ()):
        margin = _margin(str(rule.get("rule", "")), found)
        told.append({**rule, "release": statement["id"], **({"margin": margin} if margin else {})})
    return told


def _margin(rule: str, found: Kept | None) -> str:
    if found is None:
        return ""
    if "threshold" in rule or "minimum" in rule:
        least = found.least()
        return "" if least is None else f"The smallest cell that is shown has at least {least} patients."
    share = found.largest_share() if "dominance" in rule else ""
    return f"The largest patient has {share} of a total." if share else ""
