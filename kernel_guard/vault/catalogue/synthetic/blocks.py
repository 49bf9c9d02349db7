"""One block of patients from birth to records: the order of cause and effect in one function.

- A block is seeded by (seed, number): the same block comes out whatever else is made, and memory holds one at a time.
- Nothing happens after death: the one place that cuts is `_until_death`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kernel_guard.vault.catalogue.synthetic import labs, outcomes, records, visits
from kernel_guard.vault.catalogue.synthetic.model import INFECTIONS, MOST_ROWS, NEVER
from kernel_guard.vault.catalogue.synthetic.people import Bools, Floats, Ints, People, Rng, draw_people
from kernel_guard.vault.catalogue.synthetic.vocabulary import concept_id

Measurements = tuple[Ints, Ints, Floats, Ints, Bools]


@dataclass
class Block:
    """Everything that happened to a block of patients; `minute` of the day of each visit."""

    people: People
    visits: visits.Visits
    deaths: outcomes.Deaths
    conditions: records.Records
    drugs: records.Records
    procedures: records.Records
    measurements: Measurements
    minute: Ints
    last_day: Ints


def make_block(rng: Rng, patients: int) -> Block:
    """Simulate `patients` people."""
    people = draw_people(rng, patients)
    before = visits.join_visits(
        [visits.planned_visits(rng, people), *(visits.acute_visits(rng, people, illness) for illness in INFECTIONS)]
    )
    found, started = labs.measure(rng, people, before, {}, decide=True)
    risk = outcomes.risk_from_labs(labs.control(people, before, found))
    after = visits.join_visits(outcomes.outcome_visits(rng, people, risk))
    more, _ = labs.measure(rng, people, after, started, decide=False)
    deaths = outcomes.draw_deaths(rng, people, visits.join_visits([before, after]), risk)
    both, results = _together(before, found, after, more)
    both, results = _until_death(both, results, deaths, people)
    return _write_down(rng, people, both, results, deaths, started)


def _together(
    before: visits.Visits, found: list[labs.Results], after: visits.Visits, more: list[labs.Results]
) -> tuple[visits.Visits, list[labs.Results]]:
    """Both sets of visits as one in order, the results pointing into it."""
    unordered = visits.Visits(**{n: np.concatenate([getattr(before, n), getattr(after, n)]) for n in vars(before)})
    order = np.lexsort((unordered.kind, unordered.day, unordered.patient))
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    results = [
        replace(
            one,
            visit=position[np.concatenate([one.visit, two.visit + len(before)])],
            value=np.concatenate([one.value, two.value]),
        )
        for one, two in zip(found, more, strict=True)
    ]
    return unordered.where(order), results


def _until_death(
    all_visits: visits.Visits, results: list[labs.Results], deaths: outcomes.Deaths, people: People
) -> tuple[visits.Visits, list[labs.Results]]:
    """Visits up to the day of death, stays cut at it, and at most as many as a patient may have."""
    death = np.minimum(deaths.day, people.end)[all_visits.patient]
    kept = all_visits.day <= death
    index = np.flatnonzero(kept)
    position = np.arange(len(index))
    patient = all_visits.patient[index]
    starts = np.r_[True, patient[1:] != patient[:-1]] if len(index) else np.zeros(0, dtype=bool)
    rank = position - np.maximum.accumulate(np.where(starts, position, 0))
    index = index[rank < MOST_ROWS["visit_occurrence"]]
    place = np.full(len(all_visits), -1, dtype=np.int64)
    place[index] = np.arange(len(index))
    chosen = all_visits.where(index)
    chosen.stay = np.minimum(chosen.stay, death[index] - chosen.day)
    kept_results = []
    for result in results:
        visit = place[result.visit]
        kept_results.append(replace(result, visit=visit[visit >= 0], value=result.value[visit >= 0]))
    return chosen, kept_results


def _write_down(
    rng: Rng,
    people: People,
    all_visits: visits.Visits,
    results: list[labs.Results],
    deaths: outcomes.Deaths,
    started: dict[str, Ints],
) -> Block:
    planned = all_visits.kind == visits.OUTPATIENT
    minute = np.where(planned, rng.integers(480, 1020, len(all_visits)), rng.integers(0, 1400, len(all_visits)))
    return Block(
        people=people,
        visits=all_visits,
        deaths=deaths,
        conditions=records.conditions(rng, people, all_visits),
        drugs=records.drugs(rng, people, all_visits, started, results),
        procedures=records.procedures(rng, people, all_visits, results),
        measurements=_measurements(rng, people, all_visits, results),
        minute=minute,
        last_day=np.minimum(deaths.day, people.end),
    )


def _measurements(rng: Rng, people: People, v: visits.Visits, results: list[labs.Results]) -> Measurements:
    """All results as rows (visit, concept, value, unit, missing), with the traps of each hospital."""
    parts = []
    for result in results:
        value = np.round(result.value, result.lab.decimals)
        parts.append(_rows(result.visit, result.lab.key, value, result.lab.unit))
        if result.lab.key == "creatinine":
            adults = people.age_on(v.patient[result.visit], v.day[result.visit]) >= 18
            visit = result.visit[adults]
            parts.append(_rows(visit, "egfr", _egfr(people, v, visit, value[adults]), "egfr_unit"))
    visit, concept, value, unit = (np.concatenate([p[i] for p in parts]) for i in range(4))
    missing = rng.random(len(visit)) < 0.012 + 0.03 * _unusually_high(concept, value)
    value, unit = _traps(rng, v.site[visit], concept, value, unit)
    return visit, concept, value, unit, missing


def _rows(visit: Ints, key: str, value: Floats, unit: str) -> tuple[Ints, Ints, Floats, Ints]:
    n = len(visit)
    return visit, np.full(n, concept_id(key)), value, np.full(n, concept_id(unit))


def _egfr(people: People, v: visits.Visits, visit: Ints, creatinine: Floats) -> Floats:
    """Glomerular filtration by the CKD-EPI 2021 formula (Inker et al., N Engl J Med 2021; 385:1737)."""
    patient = v.patient[visit]
    male = people.male[patient]
    ratio = creatinine / np.where(male, 0.9, 0.7)
    value = 142 * np.minimum(ratio, 1) ** np.where(male, -0.302, -0.241) * np.maximum(ratio, 1) ** -1.2
    value = value * 0.9938 ** people.age_on(patient, v.day[visit]) * np.where(male, 1.0, 1.012)
    return np.asarray(np.round(np.clip(value, 2, 160), 0))


def _unusually_high(concept: Ints, value: Floats) -> Bools:
    """Results that laboratories often leave out (clotted or lipaemic samples read high)."""
    high = (concept == concept_id("potassium")) & (value > 5.3)
    return high | ((concept == concept_id("glucose")) & (value > 250))


def _traps(rng: Rng, site: Ints, concept: Ints, value: Floats, unit: Ints) -> tuple[Floats, Ints]:
    """Codes for 'not done' and 'error', and one hospital's own unit for glucose."""
    other = (site == 4) & (concept == concept_id("glucose"))
    value = np.where(other, np.round(value / 18.016, 1), value)
    unit = np.where(other, concept_id("mmol_l"), unit)
    draw = rng.random(len(value))
    value = np.where((site == 1) & (draw < 0.012), 9999.0, value)
    return np.where((site == 3) & (draw < 0.015), -1.0, value), unit


def dead_share(block: Block) -> float:
    """Share of patients who died under observation."""
    return float(np.mean(block.deaths.day < NEVER))
