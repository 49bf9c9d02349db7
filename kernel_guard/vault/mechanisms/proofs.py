"""Which docstring proves which measure, and the page that collects them.

- A measure without a proof cannot be added unnoticed: a test compares this table with the plan's measures.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from kernel_guard.plan import aggregates as agg
from kernel_guard.vault.mechanisms import quantile, survival, tables, threshold, totals, vectors

LABELS = ("Privacy unit", "Sensitivity", "Mechanism", "Source", "OpenDP")
PROVED: dict[type, Callable[..., Any]] = {
    agg.CountRows: vectors.rows,
    agg.CountPatients: vectors.patients,
    agg.CountDistinct: vectors.distinct,
    agg.Sum: vectors.sums,
    agg.Mean: vectors.mean,
    agg.Variance: vectors.moments,
    agg.Covariance: vectors.moments,
    agg.Rate: vectors.moments,
    agg.Quantile: quantile.select_quantile,
    agg.TopK: tables.top,
    agg.Survival: survival.life_table,
    agg.CommonValues: threshold.Threshold.release,
}
ALSO: dict[Callable[..., Any], str] = {totals.Totals.measured: "`CountRows`, `CountPatients` with totals"}
_HEAD = """# Mechanisms

What one patient can change, why, and which noise carries it, for every measure. This page is made from the docstrings
beside the code by `python -m kernel_guard.vault.mechanisms.proofs > docs/mechanisms.md`; a test holds it to them. How a
patient's contribution is bounded is proved at `Bounding` in `kernel_guard/vault/engine/base.py`, the polynomials are in
`kernel_guard/vault/engine/moments.py`, the composition of questions in `kernel_guard/vault/mechanisms/conversion.py`.
"""


def fields(proof: Callable[..., Any]) -> dict[str, str]:
    """The labelled parts of a docstring."""
    found: dict[str, str] = {}
    label = ""
    for line in (inspect.getdoc(proof) or "").splitlines():
        name, colon, rest = line.partition(": ")
        if colon and name in LABELS:
            label, found[name] = name, rest
        elif label and line.strip():
            found[label] += " " + line.strip()
    return found


def page() -> str:
    """The page, in Markdown."""
    parts = [_HEAD]
    named = {p: ", ".join(f"`{m.__name__}`" for m, q in PROVED.items() if q is p) for p in PROVED.values()}
    for proof, measures in {**named, **ALSO}.items():
        title = (inspect.getdoc(proof) or "").split("\n", 1)[0].rstrip(".")
        parts.append(f"## {title}\n\nMeasures: {measures}\n")
        parts += [f"- **{label}.** {text}" for label, text in fields(proof).items()]
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(), end="")
