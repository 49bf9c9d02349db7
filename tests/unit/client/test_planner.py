"""The planner: a curve made of free quotes, and the same as a widget."""

from __future__ import annotations

import pytest

from kernel_guard.client.frame import Frame
from kernel_guard.client.planner import curve, epsilon_for
from kernel_guard.client.widgets import Planner
from kernel_guard.errors import BudgetExceeded, PlanError
from tests.unit.client.fakes import FakeVault


def test_the_curve_is_made_of_quotes_alone(vault: FakeVault, person: Frame) -> None:
    found = curve(person.groupby("sex").count_patients(), ("0.5", "1"))
    assert [(p["epsilon"], p["errors"]["patients"]) for p in found["points"]] == [(0.5, 6.0), (1.0, 3.0)]
    assert found["exact"] and found["problem"] is None
    assert found["budget"]["epsilon"]["left"] == "9.5"
    assert found["mock"]["columns"] == ["sex", "patients"] and len(found["mock"]["rows"]) == 2
    assert {path for path, _ in vault.asked} == {"/v1/quote"}


def test_a_refusal_is_told_and_nothing_drawn(vault: FakeVault, person: Frame) -> None:
    question = person.count_patients()
    vault.failure = BudgetExceeded("Too little is left.", hint="Ask the steward.")
    found = curve(question)
    assert found["points"] == [] and found["problem"]["message"] == "Too little is left."
    planner = Planner(question)
    assert planner._button.disabled and "Ask the steward." in planner._text.value


def test_what_is_no_question_says_how_to_make_one(person: Frame) -> None:
    with pytest.raises(PlanError, match="no question yet"):
        curve(person)  # type: ignore[arg-type]


@pytest.mark.parametrize(("wished", "epsilon"), [(6.0, 0.5), (12.0, 0.25), (1.5, 2.0), (0.6, 5.0)])
def test_epsilon_is_read_off_the_curve(person: Frame, wished: float, epsilon: float) -> None:
    points = curve(person.count_patients())["points"]
    assert epsilon_for(points, "patients", wished) == pytest.approx(epsilon, rel=1e-6)
    assert epsilon_for(points[:1], "patients", wished) is None
    assert epsilon_for(points, "patients", 0) is None


def test_the_widget_follows_a_wish_and_releases_at_that_price(vault: FakeVault, person: Frame) -> None:
    planner = Planner(person.groupby("sex").count_patients())
    planner._wished.value = 6.0
    assert planner.epsilon == pytest.approx(0.5, rel=0.02)
    assert planner.error == pytest.approx(6.0, rel=0.02)
    assert "MOCK" in planner._table.value and bytes(planner._picture.value).startswith(b"\x89PNG")
    assert {path for path, _ in vault.asked} == {"/v1/quote"}
    planner._button.click()
    path, ask = vault.asked[-1]
    assert path == "/v1/releases" and float(ask.epsilon or 0) == planner.epsilon
    assert planner.result.release_id == "r-1"


def test_moving_the_slider_moves_the_wish(person: Frame) -> None:
    planner = Planner(person.count_patients())
    planner._slider.value = 1.0
    assert planner._wished.value == pytest.approx(3.0, rel=0.01)
    assert "± 3" in planner._text.value
