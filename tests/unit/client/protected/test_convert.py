"""Objects as typed tables: what is handed over can be read back by the vault, and is what the object shows."""

from __future__ import annotations

import json

import matplotlib
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from matplotlib.figure import Figure
from sklearn.linear_model import LinearRegression

from kernel_guard.client.protected.convert import document_of
from kernel_guard.client.protected.running import numbers, private_answer, run
from kernel_guard.plan.protected import Output, ProtectedAsk, TableUse
from kernel_guard.vault.runner.parcel import Handed, read_objects
from tests.lib.studies import STUDY

matplotlib.use("Agg")
ASK = ProtectedAsk("s", (TableUse("person"),), "sex = n = height = mean = 1\nrelease('obj', sex)")


def through(obj: object, patients: object = None) -> Handed:
    """An object as the vault has it."""
    line = json.dumps(document_of("obj", obj, patients), allow_nan=False).encode() + b"\n"
    found = read_objects(line, ASK, STUDY)["obj"]
    assert found is not None
    return found


def test_a_frame_with_missing_values() -> None:
    frame = pd.DataFrame({"sex": ["f", None], "n": pd.array([1, None], dtype="Int64"), "height": [1.5, np.nan]})
    assert through(frame).rows == (("f", 1, 1.5), (None, None, None))
    assert through(frame).columns == (("sex", "string"), ("n", "integer"), ("height", "float"))


def test_an_index_becomes_columns_and_patients_are_counted() -> None:
    frame = pd.DataFrame({"sex": ["f", "m", "m"], "pid": [1, 2, 3], "height": [1.0, 2, 4]})
    grouped = frame.groupby("sex").agg(mean=("height", "mean"), who=("pid", list))
    found = through(grouped[["mean"]], grouped.who)
    assert found.rows == (("f", 1.0), ("m", 3.0)) and tuple(map(len, found.claimed or ())) == (1, 2)


@pytest.mark.parametrize(
    "obj, rows",
    [
        (3, ((3,),)), (np.float64(2.5), ((2.5,),)), ([1, 2], ((1,), (2,))), (np.eye(2), ((1.0, 0.0), (0.0, 1.0))),
        (pd.Series([1.0, 2.0], name="height"), ((1.0,), (2.0,))), ({"n": 3, "mean": 0.5}, (("n", 3), ("mean", 0.5))),
        (pd.Timestamp("2020-01-01"), ((None,),)),
    ],
)  # fmt: skip
def test_plain_values(obj: object, rows: object) -> None:
    assert through(obj).rows == rows


def test_a_figure_is_the_numbers_that_it_draws() -> None:
    axes = Figure().subplots()
    axes.plot([1, 2], [3, 4])
    axes.scatter([5], [6])
    axes.bar([7], [8], width=1, align="edge")
    found = through(axes.figure)
    assert found.kind == "figure"
    assert found.rows == ((0, 0, 1.0, 3.0), (0, 0, 2.0, 4.0), (0, 1, 5.0, 6.0), (0, 2, 7.0, 8.0))


def test_a_fitted_model_is_its_parameters() -> None:
    x, y = np.array([[0.0], [1], [2]]), np.array([1.0, 3, 5])
    found = through(LinearRegression().fit(x, y))
    assert found.kind == "model"
    assert {("coef_", 0, 2.0), ("intercept_", 0, 1.0)} <= set(found.rows)
    fitted = through(sm.OLS(y, sm.add_constant(x[:, 0])).fit())
    assert [row[0] for row in fitted.rows] == ["const", "x1"]
    assert [row[1] for row in fitted.rows] == pytest.approx([1, 2])


def test_numbers_of_a_private_answer() -> None:
    outputs = (Output("a", 0, 10, 5), Output("b", 0, 10, 5))
    for value in ({"b": 2, "a": 1}, [1, 2], np.array([1.0, 2.0]), pd.Series({"a": 1, "b": 2})):
        assert numbers(value, outputs) == [1.0, 2.0]
    for wrong in (1, [1], {"a": 1}, [1, float("nan")], "ab", None):
        with pytest.raises((ValueError, TypeError)):
            numbers(wrong, outputs)


def test_the_last_expression_or_what_was_released() -> None:
    one = (Output("value", 0, 10, 5),)
    assert private_answer("x = 3\nx + 1", {}, one) == [4.0]
    assert private_answer("release('value', 7)", {}, one) == [7.0]
    assert private_answer("t.n.sum()", {"t": pd.DataFrame({"n": [1, 2]})}, one) == [3.0]
    assert run("x = 1", {}, lambda *_: None) is None
