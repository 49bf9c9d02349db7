"""Triage: the risk class of each item, how many people must check it, what the machine found, what the vault knows.

- The vault is asked through `Witness`: this zone sees statements and evidence, never rows.
- An item that names its releases is judged by the riskiest of them; one that names none is `unlinked`.
- Riskiest first: stops that were only justified, then looks, then the number of checkers; what passed is last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kernel_guard.review import findings
from kernel_guard.review.content import Content, Item
from kernel_guard.review.findings import Finding
from kernel_guard.review.policy import Limits, ReviewPolicy

AUTOMATIC, LOW, HIGH = "automatic", "low", "high"
RISKS = (AUTOMATIC, LOW, HIGH)
_OF_ROUTE = {"dp": "dp", "sdc": "sdc"}


class Witness(Protocol):
    """What the vault tells about a project's releases."""

    def statements(self, project: str, release_ids: tuple[str, ...]) -> Mapping[str, Mapping[str, Any]]:
        """The signed statements of those releases that the project was given; others are left out."""
        ...

    def limits(self, project: str) -> Limits:
        """The strictest limits of the project's studies."""
        ...

    def evidence(self, project: str, release_ids: tuple[str, ...]) -> dict[str, Any]:
        """Patients per cell in bands, rules, differencing, budget, cohort: all that only the vault can say."""
        ...


@dataclass(frozen=True)
class Judged:
    """An item with what triage found."""

    item: str
    risk_class: str
    checkers: int
    findings: tuple[Finding, ...]
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether a machine can pass it: no finding to look at, and policy asks for nobody."""
        return self.checkers == 0 and not self.serious

    @property
    def serious(self) -> bool:
        return any(f.severity != findings.NOTE for f in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "class": self.risk_class,
            "checkers": self.checkers,
            "passed": self.passed,
            "findings": [f.to_json() for f in self.findings],
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True)
class Assessment:
    """A request as triage sees it."""

    items: Mapping[str, Judged]
    groups: Mapping[str, tuple[Finding, ...]]

    @property
    def checkers(self) -> int:
        return max((j.checkers for j in self.items.values()), default=1)

    @property
    def risk(self) -> str:
        if any(f.severity == findings.STOP for j in self.items.values() for f in j.findings) or self.checkers > 1:
            return HIGH
        return LOW if self.checkers or any(j.serious for j in self.items.values()) else AUTOMATIC

    def stops(self, content: Content) -> list[dict[str, Any]]:
        """What holds a submission: stops of items without a justification, and thin context (no excuse for that)."""
        open_items = [i for i in content.items if not i.justification.strip()]
        found = [(i.id, f) for i in open_items for f in self.items[i.id].findings]
        found += [(group, f) for group, found_there in self.groups.items() for f in found_there]
        return [
            {"item": where, "code": f.code, "message": f.message, "hint": f.hint}
            for where, f in found
            if f.severity == findings.STOP
        ]

    def order(self) -> list[str]:
        """Item ids, riskiest first; the order within a rank is the authors'."""
        return sorted(self.items, key=lambda i: _rank(self.items[i]))

    def to_json(self) -> dict[str, Any]:
        return {
            "items": {name: judged.to_json() for name, judged in self.items.items()},
            "groups": {name: [f.to_json() for f in found] for name, found in self.groups.items()},
            "order": self.order(),
            "risk": self.risk,
            "checkers": self.checkers,
        }


def assess(
    content: Content,
    project: str,
    policy: ReviewPolicy,
    witness: Witness,
    *,
    code: Callable[[Item], dict[str, Any] | None] | None = None,
) -> Assessment:
    """Judge every item and group; with `code` (what is behind an item) the vault's evidence is asked for too."""
    limits = witness.limits(project)
    named = tuple(sorted({r for item in content.items for r in item.releases}))
    statements = witness.statements(project, named)
    judged = {}
    for item in content.items:
        risk_class = classify(item, statements)
        found = tuple(findings.of_item(item, limits, statements))
        # A finding that a person has excused is a person's to judge, whatever the class.
        needed = max(policy.needed(risk_class), 1 if found else 0)
        known = tuple(r for r in item.releases if r in statements)
        evidence = {**witness.evidence(project, known), "code": code(item)} if code else {}
        judged[item.id] = Judged(item.id, risk_class, needed, found, evidence)
    groups = {g.id: tuple(findings.of_group(g, policy.context_words)) for g in content.groups}
    return Assessment(judged, groups)


def classify(item: Item, statements: Mapping[str, Mapping[str, Any]]) -> str:
    """The risk class of an item, from its kind and the releases it names."""
    routes = {str(statements[r]["route"]) if r in statements else "" for r in item.releases}
    if any(route not in _OF_ROUTE and route for route in routes):
        return "protected_code"
    if item.kind == "release":
        return _OF_ROUTE.get(next(iter(routes)), "unlinked")
    if item.kind in ("text", "code"):
        return item.kind
    if not routes or "" in routes:
        return "unlinked"
    return "model" if item.kind == "model" else "derived"


def _rank(judged: Judged) -> tuple[int, int]:
    stops = any(f.severity == findings.STOP for f in judged.findings)
    looks = any(f.severity == findings.LOOK for f in judged.findings)
    return (0 if stops else 1 if looks else 3 if judged.passed else 2, -judged.checkers)
