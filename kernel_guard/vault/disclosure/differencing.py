"""Differencing: two exact releases whose populations differ by a few patients tell about those patients.

- Only exact (SDC) releases are compared; differentially private ones compose in the ledger.
- Compared with everything that this project was given of the same data, whatever the measures or keys were.
- The engine counts, for each earlier population A and the new one B, the patients in A but not B, and in B but not A.
  A difference of 1 … threshold − 1 patients is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from kernel_guard.errors import PolicyForbids
from kernel_guard.plan.codec import decode, digest
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Relation
from kernel_guard.vault.catalogue.registry import Dataset
from kernel_guard.vault.ledger.records import ReleaseRecord


class Comparing(Protocol):
    """The part of an engine that this rule needs."""

    def differing_patients(self, first: Relation, second: Relation) -> tuple[int, int]: ...


def check(ask: Ask, earlier: Iterable[ReleaseRecord], engine: Comparing, dataset: Dataset) -> None:
    """Step 9: refuse when an earlier population is too close to this one without being the same.

    Raises `PolicyForbids` naming the earlier release.
    """
    seen = {digest(ask.plan.source)}
    for record in earlier:
        if record.route != Route.SDC.value or record.data_version != dataset.study.version:
            continue
        source = decode(Ask, record.statement["plan"]).plan.source
        if digest(source) in seen:
            continue
        seen.add(digest(source))
        for count in engine.differing_patients(source, ask.plan.source):
            if 0 < count < dataset.policy.threshold:
                raise PolicyForbids(
                    "This question is about almost the same patients as an earlier exact release; "
                    "the two together would tell about fewer than "
                    f"{dataset.policy.threshold} of them.",
                    hint="Use the earlier population, change the condition by more, or ask with .release(epsilon=…).",
                    details={"earlier_release": record.id},
                )
