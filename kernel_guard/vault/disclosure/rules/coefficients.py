"""Model coefficients: each must rest on enough patients in both of its states.

- A design column of 0 and 1 (a dummy, or a product of dummies) needs the threshold of patients with 1 and with 0.
- Any other column needs the threshold of patients off its commonest value: a column that differs for a few patients
  is a dummy for them.
- Each class of a categorical outcome needs the threshold.
- What the model leaves of its degrees of freedom is judged by `freedom`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.rules.freedom import too_little

NAME = "model coefficients"


@dataclass(frozen=True)
class Design:
    """Counts of distinct patients: `columns` name → (patients at the commonest value, patients off it); the intercept
    is left out. `classes` outcome class → patients; empty for a numeric outcome."""

    patients: int
    parameters: int
    columns: Mapping[str, tuple[int, int]]
    classes: Mapping[str, int]


def problems(design: Design, pack: RulePack) -> list[str]:
    """What forbids the release of a model, in words that name its columns and no number; empty: nothing does."""
    found = []
    if design.patients < pack.threshold or too_little(np.array([design.patients]), design.parameters, pack)[0]:
        found.append("The model has too many parameters for its patients.")
    for name, (common, other) in design.columns.items():
        if min(common, other) < pack.threshold:
            found.append(f"Too few patients differ in the model's column {name!r}.")
    for name, patients in design.classes.items():
        if patients < pack.threshold:
            found.append(f"Too few patients have the outcome {name!r}.")
    return found


def detail(pack: RulePack) -> str:
    return f"each column and outcome class rests on at least {pack.threshold} patients in both states"
