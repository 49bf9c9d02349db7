"""What is measured at visits, and what the long-term drugs that it starts then do to it.

- An untreated value is the patient's own level, plus the diseases present, plus noise.
- A treatment starts at the first visit whose value crosses the threshold; it takes 90 days to work in full.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kernel_guard.vault.catalogue.synthetic.model import ACUTE, LABS, NEVER, TREATMENTS, Lab, Treatment
from kernel_guard.vault.catalogue.synthetic.people import Bools, Floats, Ints, People, Rng
from kernel_guard.vault.catalogue.synthetic.visits import Visits

_ACUTE_KEYS = tuple(a.key for a in ACUTE)
_INFLAMED = np.array([*(a.inflamed for a in ACUTE), 0.0])


@dataclass
class Results:
    """Measured values of one lab: index into the visits, and the value (unrounded, on the natural scale)."""

    lab: Lab
    visit: Ints
    value: Floats


def measure(
    rng: Rng, people: People, visits: Visits, started: dict[str, Ints], *, decide: bool
) -> tuple[list[Results], dict[str, Ints]]:
    """Measure at `visits`; with `decide`, treatments start here, else those in `started` are used as they are."""
    found = []
    for column, lab in enumerate(LABS):
        visit = np.flatnonzero(_ordered(rng, people, visits, lab))
        patient, day = visits.patient[visit], visits.day[visit]
        value = _untreated(rng, people, visits.where(visit), lab, column)
        for treatment in (t for t in TREATMENTS if t.lab == lab.key):
            if decide:
                shown = np.exp(value) if lab.log else value
                started[treatment.drug] = _first_use(rng, people, treatment, patient, day, shown, started)
            since = day - started[treatment.drug][patient]
            value = value + treatment.effect * np.clip(since / 90.0, 0.0, 1.0)
        shown = np.exp(value) if lab.log else value
        found.append(Results(lab, visit, np.clip(shown, lab.lowest, lab.highest)))
    return found, started


def _ordered(rng: Rng, people: People, visits: Visits, lab: Lab) -> Bools:
    chance = np.take(lab.seen, visits.kind)
    for condition, extra in lab.asked.items():
        chance = np.maximum(chance, extra * people.has(condition, visits.patient, visits.day))
    # Hospitals differ in how much they measure.
    return np.asarray(rng.random(len(visits)) < chance * np.take((1.0, 0.9, 1.1, 0.8, 0.85), visits.site))


def _untreated(rng: Rng, people: People, visits: Visits, lab: Lab, column: int) -> Floats:
    """Values on the model scale (log where the lab says so)."""
    patient, day = visits.patient, visits.day
    age = people.age_on(patient, day)
    value = lab.centre + lab.between * people.baseline[patient, column]
    value = value + lab.within * rng.standard_normal(len(patient))
    value += lab.age * (np.clip(age, 18, 95) - 50) / 10 + lab.male * people.male[patient]
    value += lab.weight * people.weight[patient] / 1.5
    value += lab.inflamed * _INFLAMED[visits.cause]
    for effect, size in lab.effects.items():
        if effect in people.onset:
            # Disease gets worse with time: half of the effect at once, the rest over six years.
            years = np.clip((day - people.onset[effect][patient]) / 365.25, 0, 6)
            here = people.has(effect, patient, day)
            severity = np.exp(0.2 * people.frailty[patient] + 0.25 * people.baseline[patient, column] - 0.05)
            value += here * size * (0.55 + 0.075 * years) * severity
        else:
            value += size * (visits.cause == _ACUTE_KEYS.index(effect))
    return _for_children(lab, value, age)


def _for_children(lab: Lab, value: Floats, age: Floats) -> Floats:
    """Weight, blood pressure and creatinine grow until 18."""
    grown = np.clip(age, 0, 18) / 18
    if lab.key == "weight":
        return np.asarray(value * (0.05 + 0.95 * grown))
    if lab.key in ("sbp", "dbp"):
        return np.asarray(value * (0.72 + 0.28 * grown))
    if lab.key == "bmi":
        return np.asarray(value * (0.62 + 0.38 * grown))
    if lab.key == "creatinine":
        return np.asarray(value + 0.9 * (grown - 1))
    return value


def _first_use(
    rng: Rng, people: People, treatment: Treatment, patient: Ints, day: Ints, value: Floats, started: dict[str, Ints]
) -> Ints:
    """The day of the first result that starts the drug, per patient; `NEVER` where none does."""
    crossed = value < treatment.threshold if treatment.below else value >= treatment.threshold
    crossed &= people.has(treatment.condition, patient, day)
    if treatment.after:
        crossed &= day > started[treatment.after][patient] + 60
    # Someone who is not offered or refuses a drug refuses it every time.
    willing = rng.random(len(people)) < treatment.uptake
    crossed &= willing[patient]
    first = np.full(len(people), NEVER, dtype=np.int64)
    np.minimum.at(first, patient[crossed], day[crossed])
    return first


def control(people: People, visits: Visits, results: list[Results]) -> dict[str, Floats]:
    """Each patient's mean of the labs that outcomes depend on; NaN where never measured."""
    means = {}
    for result in results:
        if result.lab.key in ("sbp", "ldl", "hba1c", "bnp"):
            patient = visits.patient[result.visit]
            total = np.bincount(patient, result.value, len(people))
            count = np.bincount(patient, minlength=len(people))
            means[result.lab.key] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means
