"""Charts of released numbers that pandas does not draw by itself. matplotlib is loaded when one is drawn."""

from __future__ import annotations

from typing import Any

from kernel_guard.client.statistics import BOX
from kernel_guard.errors import PlanError


def boxplot(released: Any, ax: Any = None) -> Any:
    """Boxes from 25 to 75 %, whiskers from 5 to 95 %, no outliers: of `frame.groupby("sex")["age"].box().release(…)`.

    A group of which one of the five is masked has no box; its name says so.
    """
    import matplotlib.pyplot as plt

    record = released._kg
    names, groups = record.named("value"), record.named("key")
    if len(names) != len(BOX):
        raise PlanError("A box plot needs five percentiles.", hint="Release frame['x'].box() and draw that.")
    columns = [record.values(name).tolist() for name in names]
    labels = [" ".join(map(str, row)) for row in record.flat[groups].to_numpy().tolist()] if groups else [""]
    boxes = [_box(label, numbers) for label, numbers in zip(labels, zip(*columns, strict=True), strict=True)]
    axes = ax if ax is not None else plt.subplots()[1]
    axes.bxp(boxes, showfliers=False)
    return axes


def _box(label: str, numbers: tuple[Any, ...]) -> dict[str, Any]:
    if any(type(n).__name__ == "Masked" for n in numbers):
        gone = float("nan")
        return {"label": f"{label}\n(masked)", **dict.fromkeys(("whislo", "q1", "med", "q3", "whishi"), gone)}
    return {"label": label, **dict(zip(("whislo", "q1", "med", "q3", "whishi"), map(float, numbers), strict=True))}
