"""What a display carries beside its picture: the numbers of tables, figures and models, in review's closed form."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from kernel_guard.client import numbers
from kernel_guard.client.mock import MockFrame
from kernel_guard.review.content import read_item
from tests.lib.desks import SEALER

matplotlib.use("agg")
import matplotlib.pyplot as plt


@pytest.fixture
def shown() -> Any:
    formatter = DisplayFormatter()
    numbers.install(formatter.formatters)
    return lambda obj: formatter.format(obj)[0].get(numbers.NUMBERS)


@pytest.fixture
def axes() -> Any:
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def taken(found: Any) -> dict[str, Any]:
    """What the vault keeps of it: raises where the form is not one of review's."""
    given = {"kind": found["kind"], "name": "x", "content": {**found["content"], "releases": ["r1"]}}
    item = read_item(SEALER.sealed(given), item_id="i", group="g", authors=("ana",), keys=SEALER.of("ana", "p"))
    return dict(item.content)


def test_a_table_with_its_index_and_gaps(shown: Any) -> None:
    table = pd.DataFrame({"n": [120, 115], "share": [0.5, float("nan")]}, index=pd.Index(["f", "m"], name="sex"))
    kept = taken(shown(table))
    assert [c["name"] for c in kept["columns"]] == ["sex", "n", "share"]
    assert [c["type"] for c in kept["columns"]] == ["string", "integer", "float"]
    assert kept["rows"] == [["f", 120, 0.5], ["m", 115, None]]


def test_a_series_and_columns_of_mixed_kinds_and_equal_names(shown: Any) -> None:
    assert taken(shown(pd.Series([1, 2], name="n")))["rows"] == [[1], [2]]
    odd = pd.DataFrame([[1, "a"], ["b", 2]], columns=["x", "x"])
    kept = taken(shown(odd))
    assert kept["rows"] == [["1", "a"], ["b", "2"]] and [c["name"] for c in kept["columns"]] == ["x", "x (2)"]


def test_mock_rows_and_giant_tables_carry_none(shown: Any) -> None:
    assert shown(MockFrame({"n": [1]})) is None
    assert shown(pd.DataFrame({"n": range(numbers.MAX_CELLS + 1)})) is None
    assert shown(pd.DataFrame()) is None


def test_bars_on_categories_with_their_error_bars(shown: Any, axes: Any) -> None:
    axes.bar(["f", "m"], [120, 115], yerr=[3, 4])
    axes.set_ylabel("patients")
    kept = taken(shown(axes.figure))
    assert kept["chart"] == "bar" and kept["rows"] == [["f", 120, 117, 123], ["m", 115, 111, 119]]
    assert kept["y"] == ["patients"] and kept["low"] == "low" and kept["columns"][1]["counts"]


def test_a_histogram_names_its_bins(shown: Any, axes: Any) -> None:
    axes.hist([1, 1, 2, 5], bins=[0, 2, 4, 6])
    kept = taken(shown(axes.figure))
    assert kept["chart"] == "histogram" and kept["rows"] == [["0 to 2", 2], ["2 to 4", 1], ["4 to 6", 1]]


def test_several_lines_share_their_x(shown: Any, axes: Any) -> None:
    axes.plot([0, 1], [1.0, 0.9], label="a", drawstyle="steps-post")
    axes.plot([0, 2], [1.0, 0.5], label="b", drawstyle="steps-post")
    kept = taken(shown(axes.figure))
    assert kept["chart"] == "survival" and kept["y"] == ["a", "b"]
    assert kept["rows"] == [[0, 1, 1], [1, 0.9, None], [2, None, 0.5]]


def test_points_error_bars_grids_and_panels(shown: Any) -> None:
    figure, (left, right) = plt.subplots(1, 2)
    left.scatter([1, 2], [3.5, 4.5], label="points")
    right.errorbar([1, 2], [5.5, 6.5], yerr=[0.5, 0.5], label="fit")
    kept = taken(shown(figure))
    assert kept["y"] == ["panel 1: points", "panel 2: fit"] and kept["rows"] == [[1, 3.5, 5.5], [2, 4.5, 6.5]]
    plt.close(figure)
    figure, axes = plt.subplots()
    axes.imshow(np.array([[1.5, 2.5], [3.5, 4.5]]))
    kept = taken(shown(figure))
    assert kept["chart"] == "heatmap" and kept["rows"] == [["1", 1.5, 3.5], ["2", 2.5, 4.5]]
    plt.close(figure)


def test_what_pandas_draws(shown: Any) -> None:
    axes = pd.DataFrame({"n": [120, 115], "m": [7, 8]}, index=["f", "m"]).plot.bar()
    kept = taken(shown(axes.figure))
    assert kept["y"] == ["n", "m"] and [row[1:] for row in kept["rows"]] != []
    plt.close(axes.figure)


def test_an_empty_figure_carries_none(shown: Any, axes: Any) -> None:
    assert shown(axes.figure) is None


def test_fitted_models(shown: Any) -> None:
    import statsmodels.formula.api as smf
    from sklearn.linear_model import LinearRegression

    data = pd.DataFrame({"x": [1.0, 2, 3, 4, 5], "y": [1.1, 1.9, 3.2, 3.9, 5.1]})
    kept = taken(shown(smf.ols("y ~ x", data).fit()))
    assert kept["observations"] == 5 and kept["parameters"] == 2 and kept["formula"] == "y ~ x"
    assert [t["name"] for t in kept["terms"]] == ["Intercept", "x"] and 0.9 < kept["terms"][1]["estimate"] < 1.1
    assert (
        set(kept["terms"][0]) == {"name", "estimate", "error", "low", "high", "p"} and "rsquared" in kept["statistics"]
    )
    fitted = taken(shown(LinearRegression().fit(data[["x"]], data["y"])))
    assert [t["name"] for t in fitted["terms"]] == ["intercept", "x"] and "observations" not in fitted


def test_what_cannot_be_read_still_shows(shown: Any) -> None:
    class Odd(pd.DataFrame):
        @property
        def size(self) -> int:
            raise ValueError

    assert shown(Odd({"n": [1]})) is None
