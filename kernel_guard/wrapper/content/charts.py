"""Charts as data: Vega, Vega-Lite and Plotly specifications, with inline data only.

- Nothing that makes the page fetch: no URL in any place, no maps (they load tiles), no pictures by address.
- No expressions: Vega compiles them to code in the page. Filters by value, selections and axes by field stay.
- Plotly's `config` is made here: it can name servers. Links in labels lose their tags.
- A specification that breaks one of these rules is withheld whole: a chart without a part of it could mislead.
"""

from __future__ import annotations

import re
from typing import Any

from kernel_guard.wrapper.content import json_value

VEGA = re.compile(r"application/vnd\.(?:vega\.v[56]|vegalite\.v[3-6])(?:\+|\.)json\Z")
PLOTLY = "application/vnd.plotly.v1+json"
MAX_MEMBERS = 1_000_000
_ADDRESS = re.compile(r"\s*(?:(?:https?|ftp|wss?|file|data|blob|javascript|vbscript|about):|//)", re.IGNORECASE)
_LINK = re.compile(r"</?\s*a\b[^>]*>?", re.IGNORECASE)
_NOT_IN_VEGA = frozenset(
    """
    url href src expr signal signals calculate update init events on eval loader usermeta image images projections
    graticule sphere
    """.split()
)
_EXPRESSIONS = frozenset({"filter", "test"})  # as text; as an object they compare values
_NOT_IN_PLOTLY = frozenset("url href images image mapbox map geo source sourcesrc topojsonURL".split())
_MAPS = re.compile(r"scattergeo|choropleth|.*mapbox|.*map\Z|image", re.IGNORECASE)


class NotInline(json_value.BadValue):
    """The chart would fetch something or run an expression."""


def clean_vega(spec: Any) -> dict[str, Any]:
    """A Vega or Vega-Lite specification with inline data."""
    rebuilt = _rebuilt(spec)
    schema = rebuilt.pop("$schema", None)
    for key, value in _members(rebuilt):
        if key in _NOT_IN_VEGA or key.lower().endswith(("expr", "url")):
            raise NotInline
        if key in _EXPRESSIONS and isinstance(value, str):
            raise NotInline
        if key in ("mark", "type") and value in ("image", "geoshape"):
            raise NotInline
    return {**({"$schema": schema} if _is_schema(schema) else {}), **rebuilt}


def clean_plotly(figure: Any) -> dict[str, Any]:
    """A Plotly figure with inline data."""
    if not isinstance(figure, dict):
        raise json_value.BadValue
    rebuilt = _rebuilt({key: figure[key] for key in ("data", "layout", "frames") if key in figure})
    for key, value in _members({**rebuilt, "layout": _without_template(rebuilt)}):
        if key in _NOT_IN_PLOTLY or (key == "type" and isinstance(value, str) and _MAPS.match(value)):
            raise NotInline
    return {**rebuilt, "config": {"responsive": True, "displaylogo": False, "showLink": False}}


def _without_template(figure: dict[str, Any]) -> dict[str, Any]:
    """The layout without its template, which names every kind of trace and draws none."""
    layout = figure.get("layout")
    return {key: value for key, value in layout.items() if key != "template"} if isinstance(layout, dict) else {}


def _rebuilt(value: Any) -> dict[str, Any]:
    rebuilt = _clean(json_value.rebuild(value, MAX_MEMBERS))
    if not isinstance(rebuilt, dict):
        raise json_value.BadValue
    return rebuilt


def _clean(value: Any) -> Any:
    """Strings without links; an address anywhere but in `$schema` refuses the chart."""
    if isinstance(value, str):
        if _ADDRESS.match(value) and not _is_schema(value):
            raise NotInline
        return _LINK.sub("", value) if "<" in value else value
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return value


def _members(value: Any) -> Any:
    """Every key with its value, at any depth. Rows of inline data may have columns of any name."""
    if isinstance(value, list):
        for item in value:
            yield from _members(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            if key not in ("values", "datasets"):
                yield from _members(item)


def _is_schema(value: Any) -> bool:
    """The specification's own name; it is compared and never fetched."""
    return isinstance(value, str) and bool(re.match(r"https://vega\.github\.io/schema/[\w./-]{1,60}\Z", value))
