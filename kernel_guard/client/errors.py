"""Errors that teach: what went wrong, where in the researcher's own code, what to do now.

- The classes are those of `kernel_guard.errors`; here is how a notebook shows them.
- The traceback shows the researcher's line only: the frames of this package help nobody who reads them.
- An attribute that pandas has and a frame cannot have is explained, and stays an `AttributeError` for `hasattr`.
"""

from __future__ import annotations

import linecache
import os
from types import TracebackType

from kernel_guard.errors import (
    BudgetExceeded,
    Forbidden,
    InternalError,
    KernelGuardError,
    NotFound,
    PlanError,
    PolicyForbids,
    UnknownColumn,
    VaultUnavailable,
)

__all__ = [
    "BudgetExceeded", "Forbidden", "InternalError", "KernelGuardError", "NotAvailable", "NotFound", "PlanError",
    "PolicyForbids", "UnknownColumn", "UnknownName", "VaultUnavailable", "explain_missing",
]  # fmt: skip

_NOT_THEIRS = (os.path.dirname(os.path.dirname(os.path.abspath(__file__))), os.path.dirname(os.__file__), "<")


class NotAvailable(PlanError, AttributeError):
    """A pandas habit that would show rows or single patients."""

    code = "not_available"


class UnknownName(UnknownColumn, AttributeError):
    """An attribute that is neither a verb nor a column or table."""

    code = "unknown_name"


_ROWS = "Rows stay in the vault. See their form with .mock(20), ask with .count_patients(), .agg(…) or .groupby(…)."
_EXTREME = "An extreme is one patient's value. Ask for a quantile: .quantile(0.05) or .quantile(0.95)."
_CODE = "Code cannot run on the rows. Use arithmetic, .cut(…), .clip(…), .isin(…), .dt and .per_patient(…)."
_LATER = "Not in this version. .mean(), .sum(), .median(), .quantile(q), .hist(…) and .value_counts() are."
_WHY = {
    **dict.fromkeys(
        ("head", "tail", "sample", "iloc", "loc", "at", "iat", "values", "to_numpy", "to_csv", "to_parquet",
         "to_dict", "to_list", "tolist", "to_excel", "to_pandas", "iterrows", "itertuples", "items", "unique",
         "index", "sort_values", "nlargest", "nsmallest", "drop_duplicates", "info"),
        _ROWS,
    ),
    **dict.fromkeys(("min", "max", "idxmin", "idxmax", "first", "last"), _EXTREME),
    **dict.fromkeys(("apply", "map", "pipe", "transform", "applymap", "str", "eval", "query"), _CODE),
    **dict.fromkeys(("corr", "cov"), "Of one frame: kg.correlation(frame, ['a', 'b', 'c'])."),
    **dict.fromkeys(("std", "var", "mode", "skew", "sem"), _LATER),
    **dict.fromkeys(("scatter", "hexbin"), "Points are rows. Count them on a grid: frame.hist2d('x', 'y', bins=20)."),
    "boxplot": "Release percentiles, then draw: kg.boxplot(frame.groupby('sex')['age'].box().release(epsilon=1)).",
    **dict.fromkeys(("plot",), "Release first, then plot: frame['x'].hist().release(epsilon=0.5).plot()."),
    **dict.fromkeys(("join", "concat", "append"), "Use .merge(other): it joins on the patient key."),
    "fillna": "Missing values stay missing; count them with kg.missing(frame).",
    "dropna": "Filter instead: frame[frame['x'].notna()].",
    "rename": "Derive a column under the new name: frame.derive(new=frame['old']).",
    "drop": "Select the columns to keep: frame[['a', 'b']].",
    "astype": "Types are declared in the schema; comparisons and arithmetic need no cast.",
    "nunique": "Distinct values are not counted. To count patients: .count_patients().",
    "len": "Ask for the number of rows with .count(), of patients with .count_patients().",
}  # fmt: skip


def explain_missing(kind: str, name: str, known: list[str]) -> AttributeError:
    """The error for an attribute that a frame or column does not have."""
    if name in _WHY:
        return NotAvailable(f"A {kind} has no {name!r}.", hint=_WHY[name], details={"name": name})
    from kernel_guard.plan.schema import suggest

    return UnknownName(f"A {kind} has no {name!r}.", hint=suggest(name, known), details={"name": name})


def render(error: KernelGuardError) -> list[str]:
    """The lines that a notebook shows instead of a traceback."""
    lines = [f"{type(error).__name__}: {error.message}"]
    place = _place(error.__traceback__)
    if place:
        lines.append(f"  where: {place}")
    if error.hint:
        lines.append(f"  → {error.hint}")
    return lines


def _place(traceback: TracebackType | None) -> str:
    """The researcher's last line on the way to the error."""
    place = ""
    while traceback is not None:
        file, number = traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        if not file.startswith(_NOT_THEIRS) and "site-packages" not in file:
            source = linecache.getline(file, number, traceback.tb_frame.f_globals).strip()
            place = f"line {number}: {source}" if source else place
        traceback = traceback.tb_next
    return place


# IPython looks for this method on an exception; the base class stays free of anything about notebooks.
KernelGuardError._render_traceback_ = render  # type: ignore[attr-defined]
