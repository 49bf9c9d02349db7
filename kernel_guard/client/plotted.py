"""The numbers under a matplotlib figure: one row for each place on the x axis, one column for each series.

- Bars, lines, points, error bars and grids of cells are read from what is drawn, not from what was meant.
- What is drawn by other means (areas, text, pictures) carries no numbers, and so is not in what can be exported: the
  vault draws a figure anew from its numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kernel_guard.client.protected.convert import plain, type_of

MAX_POINTS = 5_000
_HIDDEN = "_"  # matplotlib's own labels, of what no legend names
Json = dict[str, Any]
Point = tuple[Any, Any]


@dataclass(frozen=True)
class Series:
    """One thing that is drawn: points, and the ends of their error bars where it has them."""

    name: str
    chart: str
    points: list[Point]
    ends: list[Point] | None = None


def content_of_figure(figure: Any) -> Json | None:
    """A figure's content in the form of review; None where nothing of it can be read as numbers."""
    panels = [axes for axes in figure.get_axes() if not hasattr(axes, "_colorbar")]
    for axes in panels:
        if (grid := _grid(axes)) is not None:
            return {**grid, **_words(axes, "column", [])}
    found = [(axes, _series(axes)) for axes in panels]
    several = sum(1 for _, series in found if series) > 1
    named = [
        Series(f"{_panel(axes, n)}: {s.name}".removesuffix(": ") if several else s.name, s.chart, s.points, s.ends)
        for n, (axes, series) in enumerate(found)
        for s in series
    ]
    if not named or sum(len(s.points) for s in named) > MAX_POINTS:
        return None
    axes = next(axes for axes, series in found if series)
    return _laid_out(axes, named)


def _laid_out(axes: Any, series: list[Series]) -> Json:
    x_name = _text(axes.get_xlabel()) or "x"
    names = _apart([x_name, *(_text(s.name) or _text(axes.get_ylabel()) or "y" for s in series)])
    rows = _rows(series)
    extra: Json = {}
    if len(series) == 1 and (ends := series[0].ends):
        names = _apart([*names, "low", "high"])
        rows = [[*row, plain(low), plain(high)] for row, (low, high) in zip(rows, ends, strict=True)]
        extra = {"low": names[-2], "high": names[-1]}
    whole = [[_whole(v) for v in row] for row in rows]
    columns = [{"name": name, "type": type_of(row[i] for row in whole)} for i, name in enumerate(names)]
    y = names[1 : 1 + len(series)]
    # A whole number of anything may be a number of patients: a checker is told so, and the author may say what it is.
    for column in columns[1:]:
        column["counts"] = column["type"] == "integer"  # type: ignore[assignment]
    return {"chart": series[0].chart, "x": names[0], "y": y, **extra, "columns": columns, "rows": whole,
            **_words(axes, names[0], y)}  # fmt: skip


def _rows(series: list[Series]) -> list[list[Any]]:
    """One row for each place on the x axis; where a series draws a place twice, as often as it does."""
    if len(series) == 1:
        return [[plain(x), plain(y)] for x, y in series[0].points]
    places: dict[tuple[Any, int], list[Any]] = {}
    for number, one in enumerate(series):
        seen: dict[Any, int] = {}
        for x, y in one.points:
            place = plain(x)
            seen[place] = turn = seen.get(place, 0) + 1
            row = places.setdefault((place, turn), [place, *[None] * len(series)])
            row[1 + number] = plain(y)
    return list(places.values())


def _series(axes: Any) -> list[Series]:
    ticks = _ticks(axes)
    found, used = [], set()
    for container in axes.containers:
        kind = type(container).__name__
        if kind == "BarContainer":
            found.append(_bars(container, ticks))
        if kind == "ErrorbarContainer":
            line, caps, _ = container.lines
            used |= {id(part) for part in (line, *caps)}
            if line is not None and not _belongs_to_bars(container, axes):
                found.append(_line(line, ticks, _ends(container), _label(container)))
    found += [_line(line, ticks, None) for line in axes.get_lines() if id(line) not in used]
    for part in axes.collections:
        if type(part).__name__ == "PathCollection":
            found.append(Series(_label(part), "scatter", [(x, y) for x, y in part.get_offsets()]))
    return [s for s in found if s.points]


def _bars(container: Any, ticks: dict[float, str]) -> Series:
    """Bars stand on a category, or touch each other over a range."""
    boxes = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in container]
    touching = len(boxes) > 1 and all(
        abs(a[0] + a[1] - b[0]) < 1e-9 * max(1.0, abs(b[0])) for a, b in zip(boxes, boxes[1:], strict=False)
    )
    if touching and not ticks:
        points: list[Point] = [(f"{x:g} to {x + width:g}", height) for x, width, height in boxes]
        return Series(_label(container), "histogram", points)
    points = [(_at(x + width / 2, ticks), height) for x, width, height in boxes]
    errors = getattr(container, "errorbar", None)
    return Series(_label(container), "bar", points, _ends(errors) if errors is not None else None)


def _line(line: Any, ticks: dict[float, str], ends: list[Point] | None, name: str = "") -> Series:
    chart = "survival" if "steps" in str(line.get_drawstyle()) else "line"
    chart = "scatter" if line.get_linestyle() in ("None", "", " ") and ends is None else chart
    return Series(name or _label(line), chart, [(_at(x, ticks), y) for x, y in line.get_xydata()], ends)


def _ends(container: Any) -> list[Point] | None:
    """The lower and upper end of each error bar."""
    bars = container.lines[2]
    segments = bars[-1].get_segments() if container.has_yerr and bars else []
    ends = [(segment[0][1], segment[-1][1]) if len(segment) else (None, None) for segment in segments]
    return ends or None


def _belongs_to_bars(container: Any, axes: Any) -> bool:
    return any(getattr(other, "errorbar", None) is container for other in axes.containers)


def _grid(axes: Any) -> Json | None:
    """A picture of cells as a table: the columns across, the rows as series."""
    import numpy as np

    image = next((i for i in axes.get_images() if np.ndim(i.get_array()) == 2), None)
    if image is None or image.get_array().size > MAX_POINTS:
        return None
    cells = np.asarray(image.get_array(), float)
    across, down = _ticks(axes), _ticks(axes, "y")
    names = _apart(["column", *(down.get(float(r), f"row {r + 1}") for r in range(cells.shape[0]))])
    rows = [[across.get(float(c), str(c + 1)), *(_whole(plain(v)) for v in cells[:, c])] for c in range(cells.shape[1])]
    columns = [{"name": name, "type": type_of(row[i] for row in rows)} for i, name in enumerate(names)]
    return {"chart": "heatmap", "x": "column", "y": names[1:], "columns": columns, "rows": rows}


def _ticks(axes: Any, which: str = "x") -> dict[float, str]:
    """Place → the category that is written there; empty where the axis is one of numbers."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    if type(axis.get_major_formatter()).__name__ not in ("FixedFormatter", "FuncFormatter", "StrCategoryFormatter"):
        return {}
    labels = [label.get_text() for label in axis.get_ticklabels()]
    places = axis.get_ticklocs()
    return {round(float(p), 6): _text(t) for p, t in zip(places, labels, strict=False) if t}


def _at(x: Any, ticks: dict[float, str]) -> Any:
    return ticks.get(round(float(x), 6), x) if ticks else x


def _words(axes: Any, x: str, y: list[str]) -> Json:
    said = {"title": axes.get_title(), "x_label": axes.get_xlabel() or x, "y_label": axes.get_ylabel() or ", ".join(y)}
    return {key: text for key, value in said.items() if (text := _text(value))}


def _label(part: Any) -> str:
    label = str(part.get_label() or "")
    return "" if label.startswith(_HIDDEN) else label


def _panel(axes: Any, number: int) -> str:
    return _text(axes.get_title()) or f"panel {number + 1}"


def _text(value: Any) -> str:
    """One printable line, as a form takes it."""
    return "".join(c for c in " ".join(str(value or "").split()) if c.isprintable())[:200]


def _apart(names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        own, turn = name, 2
        while own in found:
            own, turn = f"{name} ({turn})", turn + 1
        found.append(own)
    return found


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
