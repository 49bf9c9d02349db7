"""What is written down of a visit: diagnoses, drugs, procedures.

- A record is (patient, visit, concept, …) in parallel arrays; rows come in no order.
- A chronic disease is coded at the first visit on or after its onset, and again now and then.
- Drugs and procedures look at the values measured at the same visit, never at the cause itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kernel_guard.vault.catalogue.synthetic.labs import Results
from kernel_guard.vault.catalogue.synthetic.model import ACUTE, ANTIBIOTICS, CHRONIC, HABITS, NEVER, TREATMENTS
from kernel_guard.vault.catalogue.synthetic.people import Bools, Floats, Ints, People, Rng
from kernel_guard.vault.catalogue.synthetic.visits import INPATIENT, OUTPATIENT, Visits
from kernel_guard.vault.catalogue.synthetic.vocabulary import concept_id


@dataclass
class Records:
    """Rows that hang on a visit; `extra` holds further columns by name."""

    visit: Ints
    concept: Ints
    extra: dict[str, Ints]

    def __len__(self) -> int:
        return len(self.visit)

    def where(self, chosen: Bools | Ints) -> Records:
        return Records(self.visit[chosen], self.concept[chosen], {k: v[chosen] for k, v in self.extra.items()})


def _records(visit: Ints, key: str, **extra: Ints | int) -> Records:
    full = {name: np.broadcast_to(np.asarray(v, dtype=np.int64), visit.shape) for name, v in extra.items()}
    return Records(visit, np.full(len(visit), concept_id(key), dtype=np.int64), full)


def join_records(parts: list[Records]) -> Records:
    """One set of rows from several with the same columns."""
    names = parts[0].extra
    return Records(
        np.concatenate([p.visit for p in parts]),
        np.concatenate([p.concept for p in parts]),
        {name: np.concatenate([p.extra[name] for p in parts]) for name in names},
    )


def first_visit_since(visits: Visits, since: Ints, patients: int) -> Ints:
    """Index of each patient's first visit on or after a day, −1 where there is none; visits must be in order."""
    index = np.flatnonzero(visits.day >= since[visits.patient])
    first = np.full(patients, -1, dtype=np.int64)
    first[visits.patient[index[::-1]]] = index[::-1]
    return first


def conditions(rng: Rng, people: People, visits: Visits) -> Records:
    """Diagnoses: the cause of an acute visit first, chronic diseases beside it. `days` until the end, −1 for none."""
    parts = []
    for number, illness in enumerate(ACUTE):
        visit = np.flatnonzero(visits.cause == number)
        lasts = np.maximum(visits.stay[visit], 3) + rng.integers(0, 12, len(visit))
        parts.append(_records(visit, illness.key, primary=1, days=lasts))
    for disease in CHRONIC:
        here = people.has(disease.key, visits.patient, visits.day)
        again = here & (rng.random(len(visits)) < np.take((0.13, 0.2, 0.6), visits.kind))
        first = first_visit_since(visits, people.onset[disease.key], len(people))
        again[first[first >= 0]] = True
        parts.append(_records(np.flatnonzero(again), disease.key, primary=0, days=-1))
    return join_records(parts)


def drugs(rng: Rng, people: People, visits: Visits, started: dict[str, Ints], results: list[Results]) -> Records:
    """Prescriptions: refills of long-term drugs at planned visits, short courses at acute ones."""
    parts = []
    for t in TREATMENTS:
        parts.append(_refills(rng, visits, t.drug, started[t.drug], t.days, int(t.quantity), t.route))
    for drug, condition, uptake, days, route in HABITS:
        willing = rng.random(len(people)) < uptake
        since = np.where(willing, people.onset[condition], NEVER)
        parts.append(_refills(rng, visits, drug, since, days, days, route))
    for number, illness in enumerate(ACUTE):
        visit = np.flatnonzero(visits.cause == number)
        for drug, chance in illness.drugs.items():
            given = visit[rng.random(len(visit)) < chance]
            parts.append(_records(given, drug, days=5, quantity=10, route=concept_id("oral")))
    return join_records([*parts, *_antibiotics(rng, visits, results)])


def _refills(rng: Rng, visits: Visits, drug: str, since: Ints, days: int, quantity: int, route: str) -> Records:
    first = first_visit_since(visits, since, len(since))
    chosen = (visits.day >= since[visits.patient]) & (visits.kind == OUTPATIENT) & (rng.random(len(visits)) < 0.7)
    chosen[first[first >= 0]] = True
    return _records(np.flatnonzero(chosen), drug, days=days, quantity=quantity, route=concept_id(route))


def _antibiotics(rng: Rng, visits: Visits, results: list[Results]) -> list[Records]:
    inflamed = at_visit(results, "crp", len(visits)) > 40
    inflamed |= at_visit(results, "wbc", len(visits)) > 11.5
    parts = []
    keys = [a.key for a in ACUTE]
    for illness, drug in ANTIBIOTICS.items():
        visit = np.flatnonzero(visits.cause == keys.index(illness))
        given = visit[rng.random(len(visit)) < np.where(inflamed[visit], 0.93, 0.4)]
        route = concept_id("oral" if drug == "amoxicillin" else "intravenous")
        parts.append(_records(given, drug, days=7, quantity=21, route=route))
    return parts


def at_visit(results: list[Results], lab: str, visits: int) -> Floats:
    """The value measured at each visit, NaN where none was."""
    found = np.full(visits, np.nan)
    for result in results:
        if result.lab.key == lab:
            found[result.visit] = result.value
    return found


def procedures(rng: Rng, people: People, visits: Visits, results: list[Results]) -> Records:
    """What was done; transfusion and dialysis follow the values measured at the visit."""
    parts = []
    for number, illness in enumerate(ACUTE):
        visit = np.flatnonzero(visits.cause == number)
        for key, chance in illness.procedures.items():
            # What is rarely done (a ventilator, dialysis) is done in bed only.
            able = (visits.kind[visit] == INPATIENT) | (chance > 0.3)
            parts.append(_records(visit[able & (rng.random(len(visit)) < chance)], key, after=0))
    low = at_visit(results, "hemoglobin", len(visits)) < 7.6
    failing = at_visit(results, "creatinine", len(visits)) > 4.5
    parts.append(_records(np.flatnonzero(low & (rng.random(len(visits)) < 0.8)), "transfusion", after=0))
    parts.append(_records(np.flatnonzero(failing & (rng.random(len(visits)) < 0.7)), "dialysis", after=1))
    for key, condition, chance in (
        ("echo", "hf", 0.1), ("ecg", "cad", 0.15), ("ecg", "af", 0.2), ("knee_replacement", "osteoarthritis", 0.006),
        ("hip_replacement", "osteoarthritis", 0.004), ("endoscopy", "reflux", 0.02), ("chest_xray", "copd", 0.06),
    ):  # fmt: skip
        here = (visits.kind == OUTPATIENT) & people.has(condition, visits.patient, visits.day)
        parts.append(_records(np.flatnonzero(here & (rng.random(len(visits)) < chance)), key, after=0))
    age = people.age_on(visits.patient, visits.day)
    screened = (visits.kind == OUTPATIENT) & (age > 50) & (age < 76) & (rng.random(len(visits)) < 0.018)
    return join_records([*parts, _records(np.flatnonzero(screened), "colonoscopy", after=0)])
