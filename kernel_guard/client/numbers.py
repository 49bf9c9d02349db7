"""The numbers of an output beside its picture: what a table, a figure or a fitted model holds, in the form of review.

- A display that shows one of these carries them too, so that it can be chosen for export with what a checker judges.
- Nothing here is believed: the guard signs that this kernel showed these numbers, and the vault reads them as hostile.
- Mock rows carry none; neither does what has more cells than a person can check.
- What cannot be read as numbers shows as it did before: this never stops a display.
"""

from __future__ import annotations

import math
from typing import Any

from kernel_guard.client.plotted import content_of_figure
from kernel_guard.client.protected.convert import plain, tabular, type_of

NUMBERS = "application/vnd.kernel-numbers+json"
MAX_CELLS = 20_000
_STATISTICS = ("rsquared", "rsquared_adj", "prsquared", "llf", "aic", "bic")
Json = dict[str, Any]

# What pandas, matplotlib, statsmodels and scikit-learn call these: none of them is loaded for it.
_TYPES = {
    ("pandas.core.frame", "DataFrame"): "table",
    ("pandas", "DataFrame"): "table",
    ("pandas.core.series", "Series"): "table",
    ("pandas", "Series"): "table",
    ("matplotlib.figure", "Figure"): "figure",
    ("statsmodels.base.wrapper", "ResultsWrapper"): "model",
    ("sklearn.base", "BaseEstimator"): "model",
}


def install(formatters: Any) -> None:
    """Have a kernel's displays carry numbers (`formatters` is IPython's table of them)."""
    from IPython.core.formatters import JSONFormatter

    class Numbers(JSONFormatter):
        """Keeps its readers: matplotlib takes a figure's from every formatter when it chooses a picture's kind."""

        def pop(self, typ: Any, default: Any = None) -> Any:
            return default

    formatter = Numbers(format_type=NUMBERS, print_method="_kernel_numbers_")
    for (module, name), kind in _TYPES.items():
        formatter.for_type_by_name(module, name, _reader(kind))  # type: ignore[no-untyped-call]
    formatters[NUMBERS] = formatter


def numbers_of(kind: str, obj: Any) -> Json | None:
    """The numbers of one object, or None where it is mock, empty or too large."""
    if type(obj).__module__ == "kernel_guard.client.mock":
        return None
    content = {"table": _table, "figure": content_of_figure, "model": _model}[kind](obj)
    return {"kind": kind, "content": content} if content else None


def _reader(kind: str) -> Any:
    def read(obj: Any) -> Json | None:
        try:
            return numbers_of(kind, obj)
        except Exception:
            return None  # a display is not the place to fail in

    return read


def _table(obj: Any) -> Json | None:
    if obj.size > MAX_CELLS or obj.size == 0:
        return None
    columns, rows = tabular(obj)
    return {"columns": named(columns, rows), "rows": rows}


def named(names: list[str], rows: list[list[Any]]) -> list[Json]:
    """Columns with their types, each under a name of its own; a column of mixed kinds becomes text."""
    found, seen = [], set()
    for i, name in enumerate(names):
        kind = type_of(row[i] for row in rows)
        for row in rows:
            row[i] = _as(kind, row[i])
        own = name.strip() or f"column {i + 1}"
        own = own if own not in seen else f"{own} ({i + 1})"
        seen.add(own)
        found.append({"name": own[:300], "type": kind})
    return found


def _as(kind: str, value: Any) -> Any:
    return str(value) if kind == "string" and value is not None else value


def _model(obj: Any) -> Json | None:
    if hasattr(obj, "params") and hasattr(obj, "bse"):
        return _statsmodels(obj)
    return _scikit(obj)


def _statsmodels(results: Any) -> Json:
    import numpy as np

    names = list(getattr(results.params, "index", ())) or list(results.model.exog_names)
    ends = np.asarray(results.conf_int())
    parts = {"estimate": results.params, "error": results.bse, "low": ends[:, 0], "high": ends[:, 1]}
    parts["p"] = results.pvalues
    values = {key: [plain(v) for v in np.asarray(part)] for key, part in parts.items()}
    formula = getattr(results.model, "formula", None)
    return {
        "model": type(results.model).__name__,
        **({"formula": str(formula)} if formula else {}),
        "observations": int(results.nobs),
        "parameters": len(names),
        "terms": [{"name": str(n), **{k: v[i] for k, v in values.items()}} for i, n in enumerate(names)],
        "statistics": {k: v for k in _STATISTICS if (v := _statistic(results, k)) is not None},
    }


def _statistic(results: Any, name: str) -> float | None:
    try:
        value = float(getattr(results, name))
    except (AttributeError, TypeError, ValueError, NotImplementedError):
        return None
    return value if math.isfinite(value) else None


def _scikit(model: Any) -> Json | None:
    """A fitted linear model's coefficients; how many observations it saw scikit-learn does not keep."""
    import numpy as np

    if not hasattr(model, "coef_"):
        return None
    coefficients = np.atleast_2d(np.asarray(model.coef_, float))
    intercepts = np.atleast_1d(np.asarray(getattr(model, "intercept_", 0.0), float))
    names = [str(n) for n in getattr(model, "feature_names_in_", range(coefficients.shape[1]))]
    terms: list[Json] = []
    for number, row in enumerate(coefficients):
        mark = f"[{number}] " if len(coefficients) > 1 else ""
        values = [("intercept", intercepts[min(number, len(intercepts) - 1)]), *zip(names, row, strict=True)]
        terms += [{"name": f"{mark}{name}", "estimate": plain(value)} for name, value in values]
    return {"model": type(model).__name__, "parameters": len(terms), "terms": terms}
