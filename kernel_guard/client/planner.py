"""A question's error at several prices: what the page's planner and the notebook's planner draw.

- Made of quotes, which are free; nothing is asked of the data.
- The expected table is drawn on mock rows, marked, with the error that the vault promises.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kernel_guard.client.query import Query
from kernel_guard.client.quote import Quote
from kernel_guard.errors import KernelGuardError, PlanError
from kernel_guard.plan.privacy import Route

EPSILONS = ("0.05", "0.1", "0.2", "0.5", "1", "2", "5")
MAX_ROWS = 20


def curve(query: Query, epsilons: Sequence[str] = EPSILONS) -> dict[str, Any]:
    """The planner's whole input as JSON values: the question in words, its prices, what is left, mock rows.

    >>> [round(p["errors"]["patients"], 1) for p in curve(person.count_patients(), ("0.5", "1"))["points"]]
    [6.0, 3.0]
    """
    if not isinstance(query, Query):
        raise PlanError("This is no question yet.", hint="End it with .count_patients(), .agg(…) or .hist(…).")
    quotes, refused = _quotes(query, epsilons)
    points = [_point(quote) for quote in quotes]
    return {
        "words": query.words,
        "points": points,
        "exact": _exact(query),
        "advice": list(quotes[-1].advice) if quotes else [],
        "budget": quotes[-1].budget if quotes else None,
        "problem": refused.public() if refused is not None and not points else None,
        "mock": _mock(query),
    }


def _quotes(query: Query, epsilons: Sequence[str]) -> tuple[list[Quote], KernelGuardError | None]:
    """The quotes that policy allows, and the last refusal."""
    quotes, refused = [], None
    for epsilon in epsilons:
        try:
            quotes.append(query.quote(epsilon))
        except KernelGuardError as error:
            refused = error
            if error.status >= 500:
                raise
    return quotes, refused


def _point(quote: Quote) -> dict[str, Any]:
    errors = {e.measure: e.error for e in quote.errors if e.error is not None}
    return {"epsilon": float(quote.cost.epsilon), "free": quote.free, "errors": errors}


def _exact(query: Query) -> bool:
    """Whether policy allows an exact, disclosure-checked answer."""
    try:
        return query.quote().route == Route.SDC
    except KernelGuardError:
        return False


def _mock(query: Query) -> dict[str, Any]:
    frame = query.mock().head(MAX_ROWS)
    labels = [query.labels.get(str(column), {}) for column in frame.columns]
    rows = [
        [_plain(meanings.get(cell, cell)) for cell, meanings in zip(row, labels, strict=True)]
        for row in frame.astype(object).to_numpy()
    ]
    return {"columns": [str(column) for column in frame.columns], "rows": rows}


def _plain(cell: Any) -> Any:
    """A cell as a JSON value."""
    if isinstance(cell, bool | str):
        return cell
    try:
        number = float(cell)
    except (TypeError, ValueError):
        return None if cell is None else str(cell)
    return number if math.isfinite(number) else None


def epsilon_for(points: Sequence[dict[str, Any]], measure: str, wished: float) -> float | None:
    """The ε at which `measure` is within ± `wished`, read off the curve; None where there is no curve.

    Error falls as a power of ε between two prices, so the line is straight on two logarithmic axes.
    """
    known = [(p["epsilon"], p["errors"][measure]) for p in points if p["errors"].get(measure)]
    if len(known) < 2 or wished <= 0:
        return None
    pairs = [(math.log(e), math.log(error)) for e, error in known]
    for (x0, y0), (x1, y1) in zip(pairs, pairs[1:], strict=False):
        if y1 <= math.log(wished) or (x1, y1) == pairs[-1]:
            slope = (y1 - y0) / (x1 - x0) or -1.0
            return math.exp(x0 + (math.log(wished) - y0) / slope)
    return None


def send(query: Query) -> None:
    """Give the page its curve, as JSON in an output that the page asked for."""
    from IPython.display import display

    display({"application/json": curve(query), "text/plain": query.words}, raw=True)  # type: ignore[no-untyped-call]
