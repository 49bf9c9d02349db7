"""Requests as researchers really make them, with the causes for which checkers send them back planted in most.

- Deterministic: the same seed gives the same set. Each request says which causes were planted in it.
- The prose, column names and shapes vary, so that a check that knows one spelling of a cause does not pass.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from tests.lib.desks import statement

UNROUNDED, CONTEXT, UNREDACTED, MISSING = "unrounded_count", "thin_context", "unredacted_count", "missing_data"
CAUSES = (UNROUNDED, CONTEXT, UNREDACTED, MISSING)
COUNT_NAMES = ("n", "count", "n_patients", "patients", "events", "num_cases", "deaths", "at_risk", "total", "freq",
               "Number of patients", "visit_count", "N", "n.women", "person_n")  # fmt: skip
GOOD_CONTEXT = (
    "Patients with sepsis admitted between 2015 and 2022, by age band and sex, to describe the cohort in table one.",
    "Kaplan-Meier estimates of 90-day survival after hip fracture by hospital region, for the regional quality report.",
    "Odds ratios of readmission within thirty days by comorbidity score, adjusted for age and sex, for figure two.",
    "HbA1c at baseline and after one year in people with type 2 diabetes who started metformin, by decade of birth.",
)
GOOD_CONTROLS = (
    "All counts are rounded to the nearest five and those under ten are masked before shares are computed.",
    "The release rules masked small cells; no earlier output of the project overlaps with this cohort.",
    "Totals were computed from rounded cells, so that no masked cell can be found by subtraction.",
)
THIN = ("Table 1", "see notebook", "TODO", "results for the paper", "n/a", "As before.", "", "data data data data data",
        "Survival analysis output", "test")  # fmt: skip
TEXTS = ("The odds were higher in older people (OR 1.4).", "Median stay was 6 days; women were in the majority.")
SMALL_TEXTS = ("Only n = 4 died in hospital.", "We excluded 7 patients with missing age.", "There were 3 deaths.")


@dataclass
class Made:
    """One request, and what was planted in it."""

    number: int
    items: list[dict[str, Any]]
    context: str
    controls: str
    planted: set[str] = field(default_factory=set)


def statements() -> list[dict[str, Any]]:
    """The releases that the requests name."""
    shares = [
        {"name": "sex", "type": "string", "role": "key", "of": None},
        {"name": "mean_age", "type": "float", "role": "value", "of": None},
    ]
    return [statement("r1"), statement("r2", columns=shares, rows=[["f", 61.5], ["m", 59.0]])]


def make(seed: int = 5, number: int = 80) -> list[Made]:
    """The set: one in five is clean, the others have one to three causes planted."""
    dice = random.Random(seed)
    return [_request(dice, i) for i in range(number)]


def _request(dice: random.Random, number: int) -> Made:
    planted = set() if number % 5 == 0 else set(dice.sample(CAUSES, dice.choice((1, 1, 1, 2, 2, 3))))
    planted |= {CAUSES[number % 4]} if planted else set()
    items = [_item(dice, i, set()) for i in range(dice.randint(1, 6))]
    for cause in sorted(planted - {CONTEXT}):
        items.append(_item(dice, len(items), {cause}))
    dice.shuffle(items)
    context = dice.choice(THIN) if CONTEXT in planted else dice.choice(GOOD_CONTEXT)
    return Made(number, items, context, dice.choice(GOOD_CONTROLS), planted)


def _item(dice: random.Random, number: int, causes: set[str]) -> dict[str, Any]:
    shape = dice.choice((_counts, _shares, _figure, _model, _text))
    if UNROUNDED in causes:
        shape = dice.choice((_counts, _figure))
    elif UNREDACTED in causes:
        shape = dice.choice((_counts, _shares, _figure, _text))
    elif MISSING in causes:
        shape = dice.choice((_means, _figure, _model, _counts))
    made = shape(dice, causes)
    return {"name": f"{made['kind'].title()} {number + 1}", **made}


def _count(dice: random.Random, causes: set[str]) -> int:
    value = dice.randrange(10, 400) * 5
    return value + dice.randint(1, 4) if UNROUNDED in causes else value


def _rows(dice: random.Random, causes: set[str]) -> list[list[Any]]:
    rows: list[list[Any]] = [[f"group {i}", _count(dice, causes)] for i in range(dice.randint(3, 12))]
    rows[dice.randrange(len(rows))][1] = dice.choice((1, 2, 5, 5, 8)) if UNREDACTED in causes else None
    return rows


def _counts(dice: random.Random, causes: set[str]) -> dict[str, Any]:
    columns = [{"name": "group", "type": "string"}, {"name": dice.choice(COUNT_NAMES), "type": "integer"}]
    return {"kind": "table", "content": {"columns": columns, "rows": _rows(dice, causes), "releases": _links(causes)}}


def _shares(dice: random.Random, causes: set[str]) -> dict[str, Any]:
    """A share that, times its denominator, is a handful of patients."""
    columns = [
        {"name": "group", "type": "string"},
        {"name": dice.choice(COUNT_NAMES), "type": "integer"},
        {"name": dice.choice(("pct_died", "share", "percent", "proportion dead", "%")), "type": "float"},
    ]
    scale = dice.choice((1, 100))
    rows = [[f"g{i}", 200 + 5 * i, round(dice.uniform(0.2, 0.8) * scale, 3)] for i in range(4)]
    if UNREDACTED in causes:
        rows[1][2] = round(dice.choice((2, 4, 7)) / rows[1][1] * scale, 4)
    if scale == 1:
        rows = [[g, n, min(share, 1.0)] for g, n, share in rows]
    return {"kind": "table", "content": {"columns": columns, "rows": rows, "releases": _links(causes)}}


def _means(dice: random.Random, causes: set[str]) -> dict[str, Any]:
    columns = [{"name": "sex", "type": "string"}, {"name": "mean_age", "type": "float"}]
    return {"kind": "table", "content": {"columns": columns, "rows": [["f", 61.2], ["m", 58.9]], "releases": ["r2"]}}


def _figure(dice: random.Random, causes: set[str]) -> dict[str, Any]:
    name = dice.choice(COUNT_NAMES)
    columns = [{"name": "group", "type": "string"}, {"name": name, "type": "integer"}]
    rows = [] if MISSING in causes else _rows(dice, causes)
    chart = dice.choice(("bar", "line", "histogram"))
    content = {"chart": chart, "x": "group", "y": [name], "columns": columns, "rows": rows, "releases": ["r1"]}
    return {"kind": "figure", "content": content}


def _model(dice: random.Random, causes: set[str]) -> dict[str, Any]:
    terms = [{"name": t, "estimate": round(dice.uniform(-1, 1), 3), "p": 0.03} for t in ("age", "sex", "score")]
    content: dict[str, Any] = {"model": "logistic", "terms": terms, "releases": ["r1"]}
    if MISSING not in causes:
        content |= {"observations": dice.randrange(200, 5000), "parameters": 4}
    return {"kind": "model", "content": content}


def _text(dice: random.Random, causes: set[str]) -> dict[str, Any]:
    chosen = SMALL_TEXTS if UNREDACTED in causes else TEXTS
    return {"kind": "text", "content": {"text": f"{dice.choice(chosen)} ({dice.randrange(10**6)})"}}


def _links(causes: set[str]) -> list[str]:
    return [] if MISSING in causes else ["r1"]
