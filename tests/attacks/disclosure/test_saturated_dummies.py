"""Saturated dummies: a regression with a column of its own for one patient tells that patient."""

from __future__ import annotations

from kernel_guard.vault.disclosure.pack import load_pack
from kernel_guard.vault.disclosure.rules.coefficients import Design, problems

PACK = load_pack("uk_tre")


def test_a_column_for_one_patient_is_refused_and_not_counted_aloud() -> None:
    found = problems(Design(500, 3, {"age": (20, 480), "is_pid_8": (499, 1)}, {"yes": 250, "no": 250}), PACK)
    assert found == ["Too few patients differ in the model's column 'is_pid_8'."]


def test_a_column_of_ones_but_for_one_is_the_same() -> None:
    assert problems(Design(500, 2, {"nearly_all": (497, 3)}, {}), PACK)


def test_as_many_parameters_as_patients_is_a_table_of_them() -> None:
    assert problems(Design(60, 55, {}, {}), PACK) and problems(Design(60, 25, {}, {}), PACK)


def test_a_rare_outcome_is_refused() -> None:
    assert problems(Design(500, 3, {}, {"no": 494, "yes": 6}), PACK)


def test_an_ordinary_model_passes() -> None:
    assert not problems(Design(500, 3, {"age": (12, 488), "smoker": (300, 200)}, {"yes": 100, "no": 400}), PACK)
