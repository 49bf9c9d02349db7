"""What follows from disease and its treatment: heart attack, stroke, admission, death.

- A rate rises with the values that the patient had *under treatment*: treat, and fewer die.
- Death is either of an acute illness in hospital or of everything else by a Gompertz hazard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kernel_guard.vault.catalogue.synthetic.model import ACUTE, CHRONIC, NEVER, OUTCOMES
from kernel_guard.vault.catalogue.synthetic.people import Floats, Ints, People, Rng
from kernel_guard.vault.catalogue.synthetic.visits import Visits, acute_visits
from kernel_guard.vault.catalogue.synthetic.vocabulary import concept_id

_SLOPE, _AT_60 = 0.092, 0.0055
_CENTRE = {"sbp": 128.0, "ldl": 112.0, "hba1c": 6.0}
_PER_UNIT = {"sbp": 0.022, "ldl": 0.011, "hba1c": 0.22}


@dataclass
class Deaths:
    """`day` of death (`NEVER` for the living) and the concept id of its cause (0: unknown)."""

    day: Ints
    cause: Ints


def risk_from_labs(control: dict[str, Floats]) -> Floats:
    """Rate ratio from mean treated blood pressure, lipids and sugar; unmeasured counts as average."""
    log = np.zeros(len(next(iter(control.values()))))
    for lab, slope in _PER_UNIT.items():
        log += np.nan_to_num(slope * (control[lab] - _CENTRE[lab]), nan=0.0)
    return np.asarray(np.exp(np.clip(log, -1.2, 1.6)))


def outcome_visits(rng: Rng, people: People, risk: Floats) -> list[Visits]:
    """Visits for the illnesses that good treatment prevents."""
    return [acute_visits(rng, people, illness, risk) for illness in OUTCOMES]


def draw_deaths(rng: Rng, people: People, visits: Visits, risk: Floats) -> Deaths:
    """Who dies under observation, when and of what."""
    slow, cause = _slow_death(rng, people, risk)
    quick, illness = _death_in_hospital(rng, people, visits)
    first = quick < slow
    day = np.where(first, quick, slow)
    causes = np.array([concept_id(a.key) for a in ACUTE])
    day = np.where(day <= people.end, day, NEVER)
    return Deaths(day, np.where(first, causes[illness], cause))


def _slow_death(rng: Rng, people: People, risk: Floats) -> tuple[Ints, Ints]:
    """Gompertz hazard with a patient's multiplier, drawn by inversion; the cause is one of the diseases present."""
    log = 0.45 * people.frailty + 0.3 * people.male + 0.35 * people.smoker + 0.4 * np.log(risk)
    worst = np.zeros(len(people))
    cause = np.zeros(len(people), dtype=np.int64)
    for disease in CHRONIC:
        share = disease.mortality * (people.onset[disease.key] < people.end)
        log = log + share
        worse = share * rng.random(len(people)) > worst
        worst, cause = np.where(worse, share, worst), np.where(worse, concept_id(disease.key), cause)
    age = (people.start - people.birth) / 365.25
    hazard = _AT_60 * np.exp(_SLOPE * (age - 60) + log)
    years = np.log1p(_SLOPE * rng.exponential(1.0, len(people)) / hazard) / _SLOPE
    cause = np.where(rng.random(len(people)) < 0.15, 0, cause)
    return people.start + 1 + np.minimum(years * 365.25, NEVER / 4).astype(np.int64), cause


def _death_in_hospital(rng: Rng, people: People, visits: Visits) -> tuple[Ints, Ints]:
    """The first fatal admission per patient: day of death and the illness."""
    fatal = visits.where(visits.fatal)
    last = fatal.day + (fatal.stay * rng.random(len(fatal))).astype(np.int64)
    day = np.full(len(people), NEVER, dtype=np.int64)
    illness = np.zeros(len(people), dtype=np.int64)
    order = np.lexsort((-last, fatal.patient))
    # Written from the latest to the earliest, so that the earliest stays.
    day[fatal.patient[order]] = last[order]
    illness[fatal.patient[order]] = fatal.cause[order]
    return day, illness
