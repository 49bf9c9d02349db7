"""A figure drawn from its data: a PNG that shows nothing but the numbers that were approved.

- Drawn here with a canvas of our own, never from a researcher's image: nothing can hide in its pixels or metadata.
- No clock, no version and no fonts from outside: the same data give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

_SIZE, _DPI = (8.0, 5.0), 120


def draw(content: Mapping[str, Any]) -> bytes:
    """The PNG of a figure's content."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _DRAWN[content["chart"]](axes, content)
    axes.set_title(_plain(content.get("title", "")))
    axes.set_xlabel(_plain(content.get("x_label", content["x"])))
    axes.set_ylabel(_plain(content.get("y_label", ", ".join(content["y"]))))
    sink = io.BytesIO()
    figure.savefig(sink, format="png", metadata={"Software": None})
    return sink.getvalue()


def _column(content: Mapping[str, Any], name: str) -> list[Any]:
    at = [c["name"] for c in content["columns"]].index(name)
    return [row[at] for row in content["rows"]]


def _numbers(content: Mapping[str, Any], name: str) -> list[float]:
    """A column as numbers; what is masked or no number is a gap."""
    return [float(v) if isinstance(v, int | float) else float("nan") for v in _column(content, name)]


def _spread(content: Mapping[str, Any], name: str) -> Any:
    """Distances to the low and high columns, where the figure has them."""
    if not (content.get("low") and content.get("high")):
        return None
    middle = _numbers(content, name)
    low, high = _numbers(content, content["low"]), _numbers(content, content["high"])
    below = [max(m - v, 0.0) if m == m and v == v else 0.0 for m, v in zip(middle, low, strict=True)]
    above = [max(v - m, 0.0) if m == m and v == v else 0.0 for m, v in zip(middle, high, strict=True)]
    return [below, above]


def _bars(axes: Any, content: Mapping[str, Any]) -> None:
    labels = [_plain(str(v)) for v in _column(content, content["x"])]
    width = 0.8 / len(content["y"])
    for number, name in enumerate(content["y"]):
        at = [i + number * width for i in range(len(labels))]
        axes.bar(at, _numbers(content, name), width, yerr=_spread(content, name), label=_plain(name))
    axes.set_xticks(range(len(labels)), labels, rotation=45 if len(labels) > 8 else 0)
    _legend(axes, content)


def _lines(axes: Any, content: Mapping[str, Any], *, step: bool = False, points: bool = False) -> None:
    x = _column(content, content["x"])
    at = x if all(isinstance(v, int | float) for v in x) else [_plain(str(v)) for v in x]
    for name in content["y"]:
        y = _numbers(content, name)
        if points:
            axes.scatter(at, y, label=_plain(name))
        else:
            axes.plot(at, y, drawstyle="steps-post" if step else "default", label=_plain(name))
    if content.get("low") and content.get("high"):
        low, high = _numbers(content, content["low"]), _numbers(content, content["high"])
        axes.fill_between(at, low, high, alpha=0.2, step="post" if step else None)
    _legend(axes, content)


def _heatmap(axes: Any, content: Mapping[str, Any]) -> None:
    image = axes.imshow([_numbers(content, name) for name in content["y"]], aspect="auto")
    labels = [_plain(str(v)) for v in _column(content, content["x"])]
    axes.set_xticks(range(len(labels)), labels, rotation=45)
    axes.set_yticks(range(len(content["y"])), [_plain(n) for n in content["y"]])
    axes.figure.colorbar(image, ax=axes)


def _forest(axes: Any, content: Mapping[str, Any]) -> None:
    name = content["y"][0]
    labels = [_plain(str(v)) for v in _column(content, content["x"])]
    axes.errorbar(_numbers(content, name), range(len(labels)), xerr=_spread(content, name), fmt="o")
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()


def _legend(axes: Any, content: Mapping[str, Any]) -> None:
    if len(content["y"]) > 1:
        axes.legend()


def _plain(text: str) -> str:
    """Text that the canvas sets as it is: a dollar sign would start a formula."""
    return text.replace("$", r"\$")


_DRAWN: dict[str, Callable[[Any, Mapping[str, Any]], None]] = {
    "bar": _bars,
    "histogram": _bars,
    "line": _lines,
    "survival": lambda axes, content: _lines(axes, content, step=True),
    "scatter": lambda axes, content: _lines(axes, content, points=True),
    "heatmap": _heatmap,
    "forest": _forest,
}
