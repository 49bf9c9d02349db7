"""Whatever is done to a masked number, it stays masked, or says why it cannot be done. It is never a number."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from kernel_guard.client.masked import GuardedArray, Masked

REASON = "masked: fewer than 10 patients"
INDEX = list("abc")


def series() -> pd.Series[Any]:
    return pd.Series(GuardedArray([10, Masked(REASON), 30]), index=INDEX, name="n")


def frame() -> pd.DataFrame:
    return pd.DataFrame({"k": ["x", "x", "y"], "n": GuardedArray([10, Masked(REASON), 30]), "m": [1.0, 2.0, 3.0]})


WHOLE: dict[str, Callable[[Any], Any]] = {
    "sum": lambda s: s.sum(), "mean": lambda s: s.mean(), "median": lambda s: s.median(), "std": lambda s: s.std(),
    "min": lambda s: s.min(), "max": lambda s: s.max(), "prod": lambda s: s.prod(), "np.sum": np.sum,
    "np.nansum": lambda s: np.nansum(s.to_numpy()), "np.mean": lambda s: np.mean(s.to_numpy()),
    "dot": lambda s: s.dot(pd.Series([1, 1, 1], index=INDEX)), "concat": lambda s: pd.concat([s, s]).sum(),
    "agg": lambda s: s.agg("sum"), "list": lambda s: sum(s.tolist()), "sem": lambda s: s.sem(),
}  # fmt: skip
EACH: dict[str, Callable[[Any], Any]] = {
    "times": lambda s: s * 2, "over": lambda s: 100 / s, "plus series": lambda s: s + pd.Series([1, 2, 3], index=INDEX),
    "minus": lambda s: -s, "abs": lambda s: s.abs(), "round": lambda s: s.round(1), "clip": lambda s: s.clip(0, 20),
    "where": lambda s: s.where(s > 5, 0), "fillna": lambda s: s.fillna(0), "interpolated": lambda s: s.ffill(),
    "map": lambda s: s.map(lambda v: v + 1), "apply": lambda s: s.apply(lambda v: v / 2), "log": np.log,
    "numpy plus": lambda s: np.add(s, 1), "to_numeric": lambda s: pd.to_numeric(s, errors="coerce"),
    "cumsum": lambda s: s.cumsum(), "diff": lambda s: s.diff(), "transform": lambda s: s.transform(lambda c: c * 2),
    "shares": lambda s: 100 * s / s.sum(), "combined": lambda s: s.combine_first(pd.Series([1, 2, 3], index=INDEX)),
}  # fmt: skip
REFUSED: dict[str, Callable[[Any], Any]] = {
    "float": lambda s: float(s.loc["b"]), "int": lambda s: int(s.loc["b"]), "bool": lambda s: bool(s.loc["b"]),
    "astype": lambda s: s.astype(float), "to_numpy": lambda s: s.to_numpy(float, na_value=0),
    "sort": lambda s: s.sort_values(), "rank": lambda s: s.rank(), "describe": lambda s: s.describe(),
    "quantile": lambda s: s.quantile(0.5), "largest": lambda s: s.idxmax(), "max of list": lambda s: max(s.tolist()),
    "plot": lambda s: s.plot(),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_number_of_all_is_masked(name: str) -> None:
    found = WHOLE[name](series())
    assert isinstance(found, Masked) and str(found) == REASON


@pytest.mark.parametrize("name", EACH)
def test_a_number_of_each_stays_masked(name: str) -> None:
    assert isinstance(EACH[name](series()).iloc[1], Masked)


@pytest.mark.parametrize("name", REFUSED)
def test_what_needs_the_number_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match="not told"):
        REFUSED[name](series())


def test_tables_stay_masked() -> None:
    table = frame()
    assert isinstance(table.groupby("k")["n"].sum().loc["x"], Masked) and table.groupby("k")["n"].sum().loc["y"] == 30
    assert isinstance(table[["n", "m"]].sum(axis=1).iloc[1], Masked)
    assert isinstance(table.pivot_table(index="k", values="n", aggfunc="sum").loc["x", "n"], Masked)
    assert isinstance(table.merge(table, on="k")["n_x"].sum(), Masked)
    assert isinstance(table.melt("k")["value"].tolist()[1], Masked)


def test_files_and_displays_say_the_reason() -> None:
    table = frame()
    for text in (table.to_csv(), table.to_string(), table.to_html(), repr(table), f"{series().loc['b']:.2f}"):
        assert REASON in text and "nan" not in text.lower()
    assert json.loads(table.to_json())["n"]["1"] == {"reason": REASON}
    told = {"value": None, "masked": REASON}
    assert pa.Table.from_pandas(table)["n"].to_pylist()[1] == told
    stored = io.BytesIO()
    table.to_parquet(stored)
    assert pd.read_parquet(stored)["n"].tolist()[1] == told


def test_a_comparison_with_a_mask_is_neither_true_nor_false() -> None:
    assert (series() > 5).tolist() == [True, pd.NA, True] and series()[series() > 5].tolist() == [10, 30]
    assert not series().isna().any() and series().loc["b"] not in (0, "", None)
