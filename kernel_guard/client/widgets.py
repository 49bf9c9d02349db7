"""The planner in a notebook: choose ε by the error that it leaves, see the expected table, then release.

    from kernel_guard.client.widgets import Planner
    Planner(person.groupby("gender_concept_id").count_patients())

- Only controls that the guard passes: a slider, two fields, text, a picture, buttons.
- Moving a control is free; the one button that releases says what it costs.
"""

from __future__ import annotations

import io
import math
from typing import Any

import ipywidgets

from kernel_guard.client import display
from kernel_guard.client.planner import curve, epsilon_for
from kernel_guard.client.query import Query
from kernel_guard.errors import KernelGuardError


class Planner(ipywidgets.VBox):  # type: ignore[misc]
    """A planner for one question; `.epsilon` is what was chosen, `.result` what was released."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.result: Any = None
        self._curve = curve(query)
        points = self._curve["points"]
        self._measure = next(iter(points[0]["errors"]), "") if points else ""
        low, high = (points[0]["epsilon"], points[-1]["epsilon"]) if points else (0.1, 1.0)
        self._slider = ipywidgets.FloatLogSlider(
            value=math.sqrt(low * high), min=math.log10(low), max=math.log10(high), step=0.01,
            description="ε", readout_format=".3g",
        )  # fmt: skip
        self._wished = ipywidgets.FloatText(value=self.error, description="within ±")
        self._text = ipywidgets.HTML()
        self._picture = ipywidgets.Image(format="png", layout=ipywidgets.Layout(width="420px"))
        self._table = ipywidgets.HTML()
        self._button = ipywidgets.Button(description="Release", disabled=not points)
        self._slider.observe(self._moved, "value")
        self._wished.observe(self._wish, "value")
        self._button.on_click(self._release)
        controls = ipywidgets.VBox([self._slider, self._wished, self._text, self._button])
        super().__init__([ipywidgets.HBox([controls, self._picture]), self._table])
        self._show()

    @property
    def epsilon(self) -> float:
        """The chosen ε, with the three digits that the slider shows."""
        return float(f"{self._slider.value:.3g}")

    @property
    def error(self) -> float:
        """The expected error of the first measure at the chosen ε, read off the curve."""
        points = [p for p in self._curve["points"] if p["errors"].get(self._measure)]
        if len(points) < 2:
            return 0.0
        return _at([(p["epsilon"], p["errors"][self._measure]) for p in points], self.epsilon)

    def _moved(self, _: Any) -> None:
        self._wished.unobserve(self._wish, "value")
        self._wished.value = float(f"{self.error:.3g}")
        self._wished.observe(self._wish, "value")
        self._show()

    def _wish(self, change: Any) -> None:
        found = epsilon_for(self._curve["points"], self._measure, float(change["new"]))
        if found is not None:
            self._slider.value = min(max(found, 10**self._slider.min), 10**self._slider.max)

    def _show(self) -> None:
        problem = self._curve["problem"]
        said = f"{problem['message']} {problem['hint']}" if problem else self._sentence()
        self._text.value = display.line(self._curve["words"]) + display.line(said)
        self._button.description = f"Release for ε {self.epsilon:g}"
        self._table.value = self._mock_table()
        if self._curve["points"]:
            self._picture.value = draw(self._curve["points"], self._measure, self.epsilon, self.error)

    def _sentence(self) -> str:
        left = (self._curve["budget"] or {}).get("epsilon", {}).get("left")
        more = f" Enough is left for {int(float(left) / self.epsilon)} such questions." if left else ""
        return f"{self._measure} within ± {display.figure(self.error)} (95 %), at ε {self.epsilon:g}.{more}"

    def _mock_table(self) -> str:
        mock = self._curve["mock"]
        errors = {name: self.error for name in mock["columns"] if name == self._measure}
        rows = [
            [display.figure(cell, errors.get(name)) for name, cell in zip(mock["columns"], row, strict=True)]
            for row in mock["rows"]
        ]
        table = display.html_table(mock["columns"], rows)
        return display.box("MOCK answer", table, note="Made-up numbers with the error that a release would have.")

    def _release(self, _: Any) -> None:
        try:
            self.result = self.query.release(epsilon=self.epsilon)
        except KernelGuardError as error:
            self._text.value = display.line(error.message) + display.line(error.hint)
            return
        self._text.value = display.line(f"Released. It is planner.result; its id is {self.result.release_id}.")


def _at(known: list[tuple[float, float]], epsilon: float) -> float:
    """The error at `epsilon`, straight between known prices on two logarithmic axes."""
    pairs = [(math.log(e), math.log(error)) for e, error in known]
    wanted = math.log(epsilon)
    for (x0, y0), (x1, y1) in zip(pairs, pairs[1:], strict=False):
        if wanted <= x1 or (x1, y1) == pairs[-1]:
            return math.exp(y0 + (wanted - x0) * (y1 - y0) / (x1 - x0))
    return known[-1][1]


def draw(points: list[dict[str, Any]], measure: str, epsilon: float, error: float) -> bytes:
    """The curve as a PNG picture, with the chosen point."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2, 2.6), layout="constrained")
    axes = figure.subplots()
    known = [(p["epsilon"], p["errors"][measure]) for p in points if p["errors"].get(measure)]
    axes.loglog([e for e, _ in known], [y for _, y in known], marker="o", markersize=3)
    if error:
        axes.plot([epsilon], [error], marker="D", markersize=8)
    axes.set_xlabel("ε")
    axes.set_ylabel(f"± {measure} (95 %)")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=100)
    return picture.getvalue()
