"""What bounds cut off, said apart from the error bar: it is not noise, and only the data could tell how much it is.

- One rule of the result per bound that applies; none where nothing can be cut off.
- Made from the plan and the declared bounds alone.
"""

from __future__ import annotations

from kernel_guard.plan.aggregates import CountPatients, Mean, Sum
from kernel_guard.plan.measures import columns_of
from kernel_guard.vault.disclosure.result import Rule
from kernel_guard.vault.engine.base import Bounding, PartialRequest
from kernel_guard.vault.engine.moments import degrees_of
from kernel_guard.vault.mechanisms.pricing import Pricing


def bias_rules(pricing: Pricing) -> tuple[Rule, ...]:
    """The bounds that were applied."""
    found = [text for request in pricing.requests for text in (_contribution(request), _clipping(request)) if text]
    return tuple(Rule("bounds", "applied", text) for text in dict.fromkeys(found))


def _contribution(request: PartialRequest) -> str:
    bounds = request.contribution
    if bounds is None:
        return ""
    match request.bounding:
        case Bounding.NORM:
            return (
                f"rows of a patient are weighted to at most {request.total}, patients to at most {bounds.groups}, over "
                "all cells: patients with more count less than in full, which is not part of the error"
            )
        case Bounding.TRUNCATE:
            rows = "" if _counts_patients(request) else f", with at most {bounds.rows} rows in each"
            return (
                f"a patient counts in at most {bounds.groups} cells, chosen at random{rows}: what that leaves out is "
                "not part of the error"
            )
    if bounds.rows > 1:
        return (
            f"more than {bounds.rows} rows of a patient in a cell count as {bounds.rows}, which is not part of the "
            "error"
        )
    return ""


def _counts_patients(request: PartialRequest) -> bool:
    return all(isinstance(m, CountPatients) for m in request.plan.measures)


def _clipping(request: PartialRequest) -> str:
    summed = [m for m in request.plan.measures if isinstance(m, Sum | Mean) or degrees_of(m)]
    names = sorted({name for m in summed for name in columns_of(m)})
    if not names:
        return ""
    return f"values of {', '.join(names)} beyond the declared bounds count as the bound, which is not part of the error"
