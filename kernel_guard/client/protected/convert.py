"""Objects as the one form in which they can be handed over: a typed table of plain JSON values.

- A figure becomes the numbers that it draws, a fitted model its parameters, an array its cells. No pixels, no pickle.
- The vault reads the result as hostile input; what it does not understand is not handed over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

_STATSMODELS = ("params", "bse", "pvalues", "tvalues")
_MAX_ROWS = 5_000
Json = dict[str, Any]


def document_of(name: str, obj: Any, patients: Any = None) -> Json:
    """What goes over for one object."""
    kind, columns, rows = _described(obj)
    if len(rows) > _MAX_ROWS:
        raise ValueError(f"{name!r} has {len(rows):,} rows; at most {_MAX_ROWS:,} can be handed over.")
    behind = None if patients is None else [[int(p) for p in _members(group)] for group in patients]
    if behind is not None and len(behind) != len(rows):
        raise ValueError(f"{name!r} has {len(rows)} rows, but patients are named for {len(behind)}.")
    typed = [[column, type_of(row[i] for row in rows)] for i, column in enumerate(columns)]
    return {"name": name, "kind": kind, "columns": typed, "rows": rows, "patients": behind}


def _described(obj: Any) -> tuple[str, list[str], list[list[Any]]]:
    if hasattr(obj, "get_axes") and hasattr(obj, "savefig"):
        return "figure", ["axes", "series", "x", "y"], _drawn(obj)
    if all(hasattr(obj, part) for part in ("params", "bse")):
        return "model", ["parameter", *_STATSMODELS], _statsmodels(obj)
    if hasattr(obj, "get_params") and hasattr(obj, "fit"):
        return "model", ["parameter", "position", "value"], _fitted(obj)
    if isinstance(obj, Mapping):
        return "table", ["name", "value"], [[str(key), plain(value)] for key, value in obj.items()]
    return "table", *tabular(obj)


def tabular(obj: Any) -> tuple[list[str], list[list[Any]]]:
    """Names of the columns and the rows of a table, a series or an array, with the index where it says something."""
    import numpy as np
    import pandas as pd

    if isinstance(obj, pd.Series):
        obj = obj.to_frame(obj.name if obj.name is not None else "value")
    if not isinstance(obj, pd.DataFrame):
        array = np.atleast_1d(np.asarray(obj))
        obj = pd.DataFrame(array if array.ndim > 1 else {"value": array})
    elif not isinstance(obj.index, pd.RangeIndex):
        obj = obj.reset_index(names=[name or f"key_{i}" for i, name in enumerate(obj.index.names)])
    columns = ["_".join(map(str, c)) if isinstance(c, tuple) else str(c) for c in obj.columns]
    return columns, [[plain(value) for value in row] for row in obj.astype(object).to_numpy()]


def _drawn(figure: Any) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for number, axes in enumerate(figure.get_axes()):
        series = [line.get_xydata() for line in axes.get_lines()]
        series += [part.get_offsets() for part in axes.collections if len(part.get_offsets())]
        bars = [(bar.get_x(), bar.get_height()) for bar in axes.patches if hasattr(bar, "get_height")]
        for index, points in enumerate([*series, bars] if bars else series):
            rows += [[number, index, plain(x), plain(y)] for x, y in points]
    return rows


def _statsmodels(results: Any) -> list[list[Any]]:
    import numpy as np

    parts = [list(np.asarray(getattr(results, part))) if hasattr(results, part) else [] for part in _STATSMODELS]
    named = list(getattr(results.params, "index", ())) or list(getattr(results.model, "exog_names", ()))
    return [
        [str(named[i]) if i < len(named) else str(i), *(plain(part[i]) if i < len(part) else None for part in parts)]
        for i in range(len(parts[0]))
    ]


def _fitted(model: Any) -> list[list[Any]]:
    import numpy as np

    rows: list[list[Any]] = []
    for name in sorted(key for key in vars(model) if key.endswith("_") and not key.startswith("_")):
        value = np.asarray(getattr(model, name))
        if value.dtype.kind in "iufb":
            rows += [[name, i, plain(v)] for i, v in enumerate(value.ravel())]
    return rows


def plain(value: Any) -> Any:
    """A cell as a JSON value; what is missing, masked or not finite is None."""
    if value is None or type(value).__name__ in ("NAType", "NaTType", "Masked"):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (bool, int)):
        return value
    return str(value)


def type_of(values: Iterable[Any]) -> str:
    """The type of a column: the narrowest that holds its values."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool} and kinds:
        return "boolean"
    if kinds <= {int}:
        return "integer"
    return "float" if kinds <= {int, float} else "string"


def _members(group: Any) -> Iterable[Any]:
    return group if hasattr(group, "__iter__") else [group]
