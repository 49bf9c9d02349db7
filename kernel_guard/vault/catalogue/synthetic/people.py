"""Who the patients are: age, sex, weight, smoking, hospital, time under observation, and chronic disease.

- One array per attribute, one element per patient; days count from 1970-01-01.
- A disease is drawn after its causes, so that comorbidity follows from `model.CHRONIC` and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernel_guard.vault.catalogue.synthetic.model import (
    CHRONIC,
    DAYS,
    HOSPITAL_SHARE,
    LABS,
    NEVER,
    START,
    Chronic,
)
from kernel_guard.vault.catalogue.synthetic.vocabulary import concept_id

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rng = np.random.Generator

_RACES = ("white", "black", "asian", "native", "islander", "none")
# One row per hospital: their neighbourhoods differ.
_RACE_SHARE = (
    (0.72, 0.12, 0.06, 0.01, 0.005, 0.085),
    (0.45, 0.32, 0.12, 0.008, 0.007, 0.095),
    (0.62, 0.1, 0.18, 0.005, 0.005, 0.09),
    (0.85, 0.04, 0.02, 0.03, 0.002, 0.058),
    (0.55, 0.2, 0.05, 0.02, 0.01, 0.17),
)
_HISPANIC_SHARE = (0.1, 0.18, 0.12, 0.06, 0.38)
_CASE_MIX_YEARS = (0.0, -3.0, 1.5, 7.0, -5.0)


@dataclass
class People:
    """A block of patients; `onset[key]` is the day a chronic disease began, `NEVER` where it did not."""

    birth: Ints
    male: Bools
    sex: Ints
    race: Ints
    ethnicity: Ints
    site: Ints
    weight: Floats
    smoker: Bools
    frailty: Floats
    start: Ints
    end: Ints
    baseline: Floats
    onset: dict[str, Ints]

    def __len__(self) -> int:
        return len(self.birth)

    def age_on(self, patient: Ints, day: Ints) -> Floats:
        return np.asarray((day - self.birth[patient]) / 365.25)

    def has(self, key: str, patient: Ints, day: Ints) -> Bools:
        """Whether a chronic disease had begun by a day."""
        return np.asarray(self.onset[key][patient] <= day)


def draw_people(rng: Rng, n: int) -> People:
    """A block of `n` patients."""
    site = rng.choice(len(HOSPITAL_SHARE), n, p=HOSPITAL_SHARE)
    male = rng.random(n) < 0.47
    start, end = _observed(rng, n)
    age = _ages(rng, site)
    birth = np.minimum(START + DAYS // 2 - (age * 365.25).astype(np.int64), start)
    sex = np.where(male, concept_id("male"), concept_id("female"))
    people = People(
        birth=birth,
        male=male,
        sex=np.where(rng.random(n) < 0.004, 0, sex),
        race=_races(rng, site),
        ethnicity=_ethnicities(rng, site),
        site=site,
        weight=np.clip(rng.gamma(9.0, 1 / 3.0, n) - 3.0, -2.2, 5.0) + 0.2 * (age > 45),
        smoker=rng.random(n) < np.where(male, 0.27, 0.2),
        frailty=rng.standard_normal(n),
        start=start,
        end=end,
        baseline=rng.standard_normal((n, len(LABS))),
        onset={},
    )
    for disease in CHRONIC:
        people.onset[disease.key] = _onset(rng, people, disease)
    return people


def _observed(rng: Rng, n: int) -> tuple[Ints, Ints]:
    """First and last day under observation; most were there from the start, some moved away."""
    start = np.where(rng.random(n) < 0.45, START, START + rng.integers(0, DAYS - 200, n))
    leaves = rng.random(n) < 0.2
    left = start + 90 + (rng.random(n) * np.maximum(START + DAYS - 1 - start - 90, 1)).astype(np.int64)
    return start.astype(np.int64), np.where(leaves, np.minimum(left, START + DAYS - 1), START + DAYS - 1)


def _ages(rng: Rng, site: Ints) -> Floats:
    """Age at mid-study: children, adults and a large share of older people, as hospitals see."""
    n = len(site)
    group = rng.choice(3, n, p=(0.12, 0.4, 0.48))
    young, middle, old = rng.uniform(0, 18, n), rng.normal(42, 13, n), rng.normal(69, 11, n)
    age = np.choose(group, (young, middle, old)) + np.where(group > 0, np.take(_CASE_MIX_YEARS, site), 0)
    return np.asarray(np.clip(age, 0.1, 101))


def _races(rng: Rng, site: Ints) -> Ints:
    ids = np.array([concept_id(key) for key in _RACES])
    edges = np.cumsum(_RACE_SHARE, axis=1)[site]
    choice = (rng.random(len(site))[:, None] > edges).sum(axis=1)
    return np.asarray(ids[np.minimum(choice, len(ids) - 1)])


def _ethnicities(rng: Rng, site: Ints) -> Ints:
    hispanic = rng.random(len(site)) < np.take(_HISPANIC_SHARE, site)
    known = np.where(hispanic, concept_id("hispanic"), concept_id("not_hispanic"))
    return np.where(rng.random(len(site)) < 0.06, 0, known)


def _onset(rng: Rng, people: People, disease: Chronic) -> Ints:
    """The day the disease begins, given those before it in the table."""
    n = len(people)
    age = (people.end - people.birth) / 365.25
    logit = disease.logit + disease.age * (age - 60) / 10 + disease.male * people.male
    logit = logit + disease.weight * people.weight / 2 + disease.smoke * people.smoker + 0.2 * people.frailty
    for cause, weight in disease.causes.items():
        logit = logit + weight * (people.onset[cause] < NEVER)
    ill = rng.random(n) < 1 / (1 + np.exp(-logit))
    ill &= age > disease.from_age
    years = np.minimum(rng.exponential(7.0, n), np.maximum(age - disease.from_age, 0))
    day = people.end - (years * 365.25).astype(np.int64)
    if disease.needs:
        parent = people.onset[disease.needs]
        ill &= parent < NEVER
        day = np.maximum(day, np.minimum(parent + 200, people.end))
    if disease.only:
        ill &= people.male if disease.only == "male" else ~people.male
    return np.where(ill, day, NEVER)
