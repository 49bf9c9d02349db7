"""A MIME bundle from the kernel, rebuilt from an allow-list.

- One row per type that may pass, with the function that makes its value harmless; every other type is dropped.
- A drawing (SVG) becomes a picture, by a function that the caller brings; beside a picture it is not needed.
- The guard's own types (`application/vnd.kernel-guard.*`) never pass from the kernel: the one reference type is
  taken out and resolved by `rules.outputs` before a bundle comes here.
- Reports what it dropped, so that the cell can say so.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel_guard.trust.labels import NUMBERS
from kernel_guard.wrapper.content import charts, html, images, json_value, text

MAX_TYPES = 16
OWN_PREFIX = "application/vnd.kernel-guard."
RELEASE_REFERENCE = OWN_PREFIX + "release-ref+json"
SVG = "image/svg+xml"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_MAX_TEXT = 2_000_000


@dataclass(frozen=True)
class Bundle:
    """What may be shown, and the reasons (codes of `notices`) why something of it may not."""

    data: dict[str, Any]
    metadata: dict[str, Any]
    dropped: frozenset[str] = field(default_factory=frozenset)


def _text(value: Any) -> str:
    return text.shorten(text.clean(_string(value)), _MAX_TEXT)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise json_value.BadValue
    return value


# type -> (clean the value, reason when it cannot be cleaned)
PASSED: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "text/plain": (_text, "unreadable"),
    "text/html": (lambda value: html.clean(_string(value)), "too_large"),
    "text/markdown": (
        lambda value: text.shorten(text.clean_markdown(_string(value)), _MAX_TEXT),
        "unreadable",
    ),
    "text/latex": (lambda value: text.shorten(text.clean_tex(_string(value)), _MAX_TEXT), "unreadable"),
    "image/png": (lambda value: images.clean_base64(_string(value), "PNG"), "image"),
    "image/jpeg": (lambda value: images.clean_base64(_string(value), "JPEG"), "image"),
    "application/json": (json_value.rebuild, "too_large"),
    NUMBERS: (json_value.rebuild, "too_large"),  # what an item to export holds; no page draws it
    charts.PLOTLY: (charts.clean_plotly, "too_large"),
}


Draw = Callable[[str], tuple[bytes, int, int] | None]


def clean_bundle(
    data: Any, metadata: Any = None, known_model: Callable[[str], bool] | None = None, draw: Draw | None = None
) -> Bundle:
    """The allowed part of a bundle.

    `known_model` says whether a widget id belongs to a model that was let through; without it no widget view passes.
    `draw` makes a PNG of an SVG, with the width and height to show it at; without it no drawing passes.
    """
    if not isinstance(data, dict) or len(data) > MAX_TYPES:
        return Bundle({}, {}, frozenset({"unreadable"}))
    kept: dict[str, Any] = {}
    dropped: set[str] = set()
    for kind, value in data.items():
        reason = None if kind == SVG else _take(kind, value, kept, known_model)
        if reason:
            dropped.add(reason)
    shown = sizes(metadata, kept)
    if SVG in data and not {"image/png", "image/jpeg"} & kept.keys():
        shown |= _take_drawing(data[SVG], kept, dropped, draw)
    return Bundle(kept, shown, frozenset(dropped))


def _take(kind: str, value: Any, kept: dict[str, Any], known_model: Callable[[str], bool] | None) -> str | None:
    if kind.lower().startswith(OWN_PREFIX):
        return "badge"
    if kind == WIDGET_VIEW:
        return _take_view(value, kept, known_model)
    if kind not in PASSED and not charts.VEGA.match(kind):
        return "type"
    cleaner, reason = PASSED.get(kind) or (charts.clean_vega, "too_large")
    try:
        kept[kind] = cleaner(value)
    except charts.NotInline:
        return "chart"
    except html.NeedsScript:
        return "script"
    except (html.TooComplex, images.BadImage, json_value.BadValue):
        return reason
    return None


def _take_drawing(value: Any, kept: dict[str, Any], dropped: set[str], draw: Draw | None) -> dict[str, Any]:
    """The picture of a drawing, among what is kept; gives the size to show it at."""
    lines = value if isinstance(value, list) else [value]
    drawn = draw("".join(lines)) if draw and all(isinstance(line, str) for line in lines) else None
    try:
        if drawn is None:
            raise images.BadImage
        png, width, height = drawn
        kept["image/png"] = images.clean_base64(base64.b64encode(png).decode("ascii"), "PNG")
    except images.BadImage:
        dropped.add("image")
        return {}
    return {"image/png": {"width": width, "height": height}}


def _take_view(value: Any, kept: dict[str, Any], known_model: Callable[[str], bool] | None) -> str | None:
    model = value.get("model_id") if isinstance(value, dict) else None
    if not isinstance(model, str) or known_model is None or not known_model(model):
        return "widget"
    kept[WIDGET_VIEW] = {"version_major": 2, "version_minor": 0, "model_id": model}
    return None


def sizes(metadata: Any, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Of a bundle's metadata only a picture's width and height say something that the guard cannot say itself."""
    if not isinstance(metadata, dict):
        return {}
    found: dict[str, Any] = {}
    for kind in ("image/png", "image/jpeg"):
        given = metadata.get(kind)
        if kind in kept and isinstance(given, dict):
            size = {side: given[side] for side in ("width", "height") if _is_pixels(given.get(side))}
            if size:
                found[kind] = size
    return found


def _is_pixels(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 20_000
