"""When patients come: planned visits by burden of disease, acute illness by season.

- A visit is one element in a set of arrays; `cause` indexes `model.ACUTE`, −1 for a planned visit.
- Acute illness is drawn over the ten years from the seasonal curve and kept where the patient was under observation.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from kernel_guard.vault.catalogue.synthetic.model import ACUTE, CHRONIC, DAYS, EVERY_YEAR, NEVER, PLANNED, START, Acute
from kernel_guard.vault.catalogue.synthetic.people import Bools, Floats, Ints, People, Rng

OUTPATIENT, EMERGENCY, INPATIENT = 0, 1, 2


@dataclass
class Visits:
    """Visits in no order; `stay` in days, `fatal` where the patient dies of the cause."""

    patient: Ints
    day: Ints
    kind: Ints
    stay: Ints
    cause: Ints
    fatal: Bools
    site: Ints

    def __len__(self) -> int:
        return len(self.patient)

    def where(self, chosen: Bools | Ints) -> Visits:
        return Visits(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def join_visits(parts: list[Visits]) -> Visits:
    """Visits ordered by patient, day and kind."""
    joined = Visits(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Visits)})
    return joined.where(np.lexsort((joined.kind, joined.day, joined.patient)))


def season(months: tuple[float, ...], years: tuple[float, ...]) -> Floats:
    """Weight of every day of the ten years; sums to ten years."""
    days = np.arange(START, START + DAYS).astype("datetime64[D]")
    month = days.astype("datetime64[M]").astype(int) % 12
    year = days.astype("datetime64[Y]").astype(int) - 45
    weight = np.take(months, month) * np.take(years, year)
    if years is EVERY_YEAR:
        weight = weight * DAYS / weight.sum()
    else:
        weight = weight / np.mean(months)
    return np.asarray(weight)


def _draw_days(rng: Rng, weight: Floats, size: int) -> Ints:
    edges = np.cumsum(weight)
    return np.asarray(START + np.searchsorted(edges, rng.random(size) * edges[-1]), dtype=np.int64)


def planned_visits(rng: Rng, people: People) -> Visits:
    """Planned visits: more with every disease, few at weekends, and one on the day of a diagnosis."""
    n = len(people)
    burden = sum((people.onset[d.key] < people.end).astype(float) for d in CHRONIC)
    rate = np.minimum(0.55 + 0.42 * burden, 5.0) * np.exp(0.25 * people.frailty)
    weight = season(PLANNED, EVERY_YEAR) * _weekdays()
    weight *= DAYS / weight.sum()
    count = rng.poisson(np.minimum(rate, 9.0) * DAYS / 365.25)
    patient = np.repeat(np.arange(n), count)
    day = _draw_days(rng, weight, len(patient))
    found_patient, found_day = _diagnoses(people)
    patient, day = np.concatenate([patient, found_patient]), np.concatenate([day, found_day])
    kept = (day >= people.start[patient]) & (day <= people.end[patient])
    patient, day = patient[kept], day[kept]
    zeros = np.zeros(len(patient), dtype=np.int64)
    site = _sites(rng, people, patient)
    return Visits(patient, day, zeros + OUTPATIENT, zeros, zeros - 1, np.zeros(len(patient), dtype=bool), site)


def _weekdays() -> Floats:
    weekday = (np.arange(START, START + DAYS) + 3) % 7
    return np.where(weekday >= 5, 0.04, 1.0)


def _diagnoses(people: People) -> tuple[Ints, Ints]:
    patients, days = [], []
    for disease in CHRONIC:
        onset = people.onset[disease.key]
        chosen = np.flatnonzero((onset < NEVER) & (onset >= people.start))
        patients.append(chosen)
        days.append(onset[chosen])
    return np.concatenate(patients), np.concatenate(days)


def acute_visits(rng: Rng, people: People, illness: Acute, risk: Floats | None = None) -> Visits:
    """The visits for one acute illness; `risk` multiplies each patient's rate."""
    n = len(people)
    weight = season(illness.months, illness.years)
    age = (START + DAYS // 2 - people.birth) / 365.25
    # Linear in age up to 95: beyond that the log rate stays where it is.
    log_rate = np.log(illness.rate) + illness.age * (np.minimum(age, 95) - 60) / 10 + illness.male * people.male
    rate = np.exp(np.minimum(log_rate + 0.25 * people.frailty, 1.2)) * (1.0 if risk is None else risk)
    ceiling = np.exp(sum(illness.causes.values()))
    count = rng.poisson(np.minimum(rate * ceiling, 6.0) * weight.sum() / 365.25)
    if illness.needs:
        count = np.where(people.onset[illness.needs] < NEVER, count, 0)
    patient = np.repeat(np.arange(n), count)
    day = _draw_days(rng, weight, len(patient))
    kept = (day >= people.start[patient]) & (day <= people.end[patient])
    kept &= rng.random(len(patient)) < _because(people, illness, patient, day) / ceiling
    patient, day = patient[kept], day[kept]
    return _as_visits(rng, people, illness, patient, day)


def _because(people: People, illness: Acute, patient: Ints, day: Ints) -> Floats:
    """Rate ratio from the diseases present on the day (thinning keeps time order right)."""
    log = np.zeros(len(patient))
    for cause, weight in illness.causes.items():
        log += weight * people.has(cause, patient, day)
    ratio = np.exp(log)
    return np.where(people.has(illness.needs, patient, day), ratio, 0.0) if illness.needs else ratio


def _as_visits(rng: Rng, people: People, illness: Acute, patient: Ints, day: Ints) -> Visits:
    m = len(patient)
    age = people.age_on(patient, day)
    severity = rng.standard_normal(m) + 0.3 * people.frailty[patient]
    admitted = 1 / (1 + np.exp(-(illness.admitted + 0.3 * (age - 60) / 10 + 0.8 * severity)))
    draw = rng.random(m)
    kind = np.where(draw < admitted, INPATIENT, np.where(rng.random(m) < 0.6, EMERGENCY, OUTPATIENT))
    stay = np.where(kind == INPATIENT, 1 + rng.gamma(1.6, illness.stay / 1.6, m) * np.exp(0.2 * severity), 0)
    dies = 1 / (1 + np.exp(-(illness.death + 0.45 * (age - 60) / 10 + 0.8 * severity)))
    fatal = (rng.random(m) < dies) & (kind == INPATIENT)
    cause = np.full(m, ACUTE.index(illness), dtype=np.int64)
    return Visits(
        patient, day, kind.astype(np.int64), np.minimum(stay, 120).astype(np.int64), cause, fatal,
        _sites(rng, people, patient),
    )  # fmt: skip


def _sites(rng: Rng, people: People, patient: Ints) -> Ints:
    """Mostly the home hospital, now and then another."""
    elsewhere = rng.random(len(patient)) < 0.1
    return np.where(elsewhere, rng.integers(0, 5, len(patient)), people.site[patient])
