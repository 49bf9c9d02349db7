"""The words of a refusal: the rule, that it is too few and not how few, and what to do now."""

from __future__ import annotations

from kernel_guard.errors import PolicyForbids
from kernel_guard.vault.disclosure.differencing.compare import Conflict
from kernel_guard.vault.disclosure.differencing.isolation import Verdict
from kernel_guard.vault.disclosure.pack import RulePack

OTHERWISE = "Use the earlier population, change the condition by more, or ask with .release(epsilon=…)."


def differencing(conflict: Conflict, pack: RulePack) -> PolicyForbids:
    """A new table would isolate too few patients, or nobody can tell whether it would."""
    details = {"rule": "differencing", "band": f"fewer than {pack.threshold}", "review": pack.differencing == "review"}
    if conflict.release:
        details["earlier_release"] = conflict.release
    if conflict.verdict is Verdict.TOO_LARGE:
        return PolicyForbids(
            "This project has so many exact releases that a new one can no longer be checked against all of them.",
            hint="Ask with .release(epsilon=…), or ask for a review.",
            details={**details, "band": "not known", "review": True},
        )
    if not conflict.release:
        return PolicyForbids(
            f"Numbers of this table together would tell about fewer than {pack.threshold} patients.",
            hint="Ask for fewer of them, for coarser groups, or with .release(epsilon=…).",
            details=details,
        )
    return PolicyForbids(
        "This question is about almost the same patients as an earlier exact release; "
        f"the two together would tell about fewer than {pack.threshold} of them.",
        hint=OTHERWISE if pack.differencing != "review" else f"{OTHERWISE} Or ask for a review.",
        details=details,
    )
