"""`.plot` of a released result: bars with error bars, and a gap where a cell is masked."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas.plotting import PlotAccessor

from kernel_guard.client.masked import GuardedArray


class ReleasedPlot(PlotAccessor):
    """`.plot()`: bars with error bars unless told otherwise; `.plot.line()` and the others work too."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        released: Any = self._parent  # type: ignore[attr-defined]
        if not args and "kind" not in options:
            options["kind"] = "bar"
        if options.get("kind") in ("bar", "barh", "line") and released._unaltered():
            options.setdefault("yerr" if options["kind"] != "barh" else "xerr", released.error)
        return PlotAccessor(_with_gaps(released.labelled() if released._unaltered() else released.plain()))(
            *args, **options
        )


def _with_gaps(table: Any) -> Any:
    """Numbers for a chart, which leaves a gap where a cell is masked."""
    if isinstance(table, pd.Series):
        column = table.array
        gaps = column.with_gaps() if isinstance(column, GuardedArray) else None
        return table if gaps is None else pd.Series(gaps, table.index, name=table.name)
    return table.apply(_with_gaps)
