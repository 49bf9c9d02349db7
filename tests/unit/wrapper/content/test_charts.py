"""Charts with inline data pass as they are; what would fetch, link or compute in the page does not."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import pandas as pd
import plotly.graph_objects as go
import pytest

from kernel_guard.wrapper.content import charts, mime

FRAME = pd.DataFrame({"url": ["Sex:F", "Age:65+"], "b": [3, 4]})
BAR = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a", "type": "quantitative"}}}


def test_a_vega_lite_chart_is_unchanged() -> None:
    chart = alt.Chart(FRAME).mark_bar().encode(x="url", y="b", tooltip=["url"]).interactive()
    spec = chart.to_dict()
    bundle = mime.clean_bundle({"application/vnd.vegalite.v6.json": spec, "application/vnd.vegalite.v5+json": spec})
    assert bundle.data["application/vnd.vegalite.v5+json"] == spec == bundle.data["application/vnd.vegalite.v6.json"]


def test_a_plotly_figure_keeps_data_and_layout() -> None:
    figure = go.Figure(go.Bar(x=["a", "b"], y=[3, 4]), layout={"title": {"text": "T"}}).to_plotly_json()
    figure = json.loads(json.dumps(figure, default=list))
    bundle = mime.clean_bundle({charts.PLOTLY: {**figure, "config": {"plotlyServerURL": "https://example.org"}}})
    kept = bundle.data[charts.PLOTLY]
    assert kept["data"] == figure["data"] and kept["layout"]["title"] == {"text": "T"}
    assert "example.org" not in str(kept)


VEGA = [
    {**BAR, "data": {"url": "data.csv"}},
    {**BAR, "data": {"url": "https://example.org/x"}},
    {**BAR, "encoding": {"href": {"field": "a"}}},
    {**BAR, "encoding": {"url": {"field": "a"}}},
    {**BAR, "mark": "image"},
    {**BAR, "mark": {"type": "image"}},
    {**BAR, "mark": {"type": "bar", "href": "https://example.org"}},
    {**BAR, "transform": [{"calculate": "datum.a + 1", "as": "b"}]},
    {**BAR, "transform": [{"filter": "datum.a > 1"}]},
    {**BAR, "transform": [{"lookup": "a", "from": {"data": {"url": "x"}}}]},
    {**BAR, "params": [{"name": "p", "expr": "1"}]},
    {**BAR, "encoding": {"x": {"axis": {"labelExpr": "datum.label"}}}},
    {**BAR, "encoding": {"color": {"condition": {"test": "true", "value": "red"}}}},
    {**BAR, "usermeta": {"embedOptions": {"actions": True}}},
    {**BAR, "config": {"background": {"signal": "x"}}},
    {"signals": [{"name": "x", "update": "1"}], "marks": []},
    {"data": [{"name": "a", "transform": [{"type": "formula", "expr": "1", "as": "b"}]}]},
    {**BAR, "title": "javascript:alert(1)"},
    {**BAR, "$schema": "https://example.org/schema.json", "description": "//example.org"},
    [BAR],
    "text",
]


@pytest.mark.parametrize("spec", VEGA, ids=range(len(VEGA)))
def test_a_vega_chart_that_reaches_out_is_withheld(spec: Any) -> None:
    bundle = mime.clean_bundle({"application/vnd.vegalite.v5+json": spec})
    assert not bundle.data and bundle.dropped <= {"chart", "too_large"} and bundle.dropped


def test_a_foreign_schema_is_left_out() -> None:
    assert charts.clean_vega({**BAR, "$schema": 1}) == BAR


def test_a_filter_by_value_passes() -> None:
    spec = {**BAR, "transform": [{"filter": {"field": "a", "gt": 1}}]}
    assert charts.clean_vega(spec) == spec


PLOTLY = [
    {"data": [{"type": "scattergeo"}]},
    {"data": [{"type": "scattermapbox"}]},
    {"data": [{"type": "densitymap"}]},
    {"data": [{"type": "choropleth"}]},
    {"data": [{"type": "image", "source": "https://example.org"}]},
    {"data": [{"type": "bar", "xsrc": "a", "stream": "https://example.org"}]},
    {"layout": {"images": [{"source": "https://example.org/x.png"}]}},
    {"layout": {"mapbox": {"style": "https://example.org"}}},
    {"layout": {"geo": {}}},
    {"data": [{"type": "bar", "x": ["https://example.org"]}]},
]


@pytest.mark.parametrize("figure", PLOTLY, ids=range(len(PLOTLY)))
def test_a_plotly_figure_that_reaches_out_is_withheld(figure: Any) -> None:
    bundle = mime.clean_bundle({charts.PLOTLY: figure})
    assert not bundle.data and bundle.dropped == {"chart"}


def test_links_in_labels_lose_their_tags() -> None:
    figure = {"layout": {"title": {"text": "<b>T</b> <a href='https://example.org'>here</a>"}}}
    assert charts.clean_plotly(figure)["layout"]["title"]["text"] == "<b>T</b> here"
