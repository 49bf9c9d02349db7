"""From a block of patients to rows of OMOP CDM 5.4 tables, with the traps of real records.

- A column is a numpy array, or (array, missing mask), or an Arrow array; the field list names and orders the rest.
- Rows are ordered by patient and date; row ids go on from block to block.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kernel_guard.vault.catalogue.synthetic.blocks import Block
from kernel_guard.vault.catalogue.synthetic.model import MOST_ROWS, NEVER
from kernel_guard.vault.catalogue.synthetic.people import Bools, Ints, Rng
from kernel_guard.vault.catalogue.synthetic.records import Records
from kernel_guard.vault.catalogue.synthetic.vocabulary import concept_id, concepts, source_ids

Masked = tuple[np.ndarray, Bools]
Columns = dict[str, "np.ndarray | Masked | pa.Array"]
FIRST_PERSON = 1_000_001
_DAY_US = 86_400_000_000
_KINDS = ("outpatient", "emergency", "inpatient")


def block_tables(rng: Rng, block: Block, first_person: int, bases: dict[str, int]) -> dict[str, Columns]:
    """Every table of a block; `bases` holds the last row id used per table and is moved on."""
    ids = first_person + np.arange(len(block.people))
    visit_ids = _ids("visit_occurrence", len(block.visits), bases)
    person = ids[block.visits.patient]
    return {
        "person": _person(rng, block, ids),
        "observation_period": _periods(block, ids, bases),
        "death": _death(block, ids),
        "visit_occurrence": _visits(rng, block, person, visit_ids),
        "condition_occurrence": _conditions(rng, block, person, visit_ids, bases),
        "drug_exposure": _drugs(rng, block, person, visit_ids, bases),
        "procedure_occurrence": _procedures(rng, block, person, visit_ids, bases),
        "measurement": _measurements(rng, block, person, visit_ids, bases),
    }


def _ids(table: str, rows: int, bases: dict[str, int]) -> Ints:
    base = bases.get(table, 0)
    bases[table] = base + rows
    return np.arange(base + 1, base + rows + 1, dtype=np.int64)


def _person(rng: Rng, block: Block, ids: Ints) -> Columns:
    p, n = block.people, len(ids)
    birth = p.birth.astype("datetime64[D]")
    month = birth.astype("datetime64[M]").astype(int) % 12 + 1
    day = (birth - birth.astype("datetime64[M]")).astype(int) + 1
    unknown = rng.random(n) < 0.0015
    partly = unknown | (rng.random(n) < 0.04)
    year = np.where(unknown, 1900, birth.astype("datetime64[Y]").astype(int) + 1970)
    return {
        "person_id": ids,
        "gender_concept_id": p.sex,
        "year_of_birth": year,
        "month_of_birth": (month, partly),
        "day_of_birth": (day, partly | (rng.random(n) < 0.02)),
        "birth_datetime": (p.birth * _DAY_US, partly),
        "race_concept_id": p.race,
        "ethnicity_concept_id": p.ethnicity,
        "care_site_id": p.site + 1,
        "person_source_value": _numbered("MRN", ids),
        "gender_source_value": _labels(p.sex, {concept_id("male"): "M", concept_id("female"): "F", 0: "?"}),
    }


def _periods(block: Block, ids: Ints, bases: dict[str, int]) -> Columns:
    end = np.minimum(block.people.end, block.deaths.day)
    return {
        "observation_period_id": _ids("observation_period", len(ids), bases),
        "person_id": ids,
        "observation_period_start_date": block.people.start,
        "observation_period_end_date": end,
        "period_type_concept_id": _constant("ehr", len(ids)),
    }


def _death(block: Block, ids: Ints) -> Columns:
    dead = np.flatnonzero(block.deaths.day < NEVER)
    return {
        "person_id": ids[dead],
        "death_date": block.deaths.day[dead],
        "death_datetime": block.deaths.day[dead] * _DAY_US,
        "death_type_concept_id": _constant("ehr", len(dead)),
        "cause_concept_id": block.deaths.cause[dead],
    }


def _visits(rng: Rng, block: Block, person: Ints, visit_ids: Ints) -> Columns:
    v = block.visits
    kinds = np.array([concept_id(k) for k in _KINDS])
    start_us = v.day * _DAY_US + block.minute * 60_000_000
    end_us = start_us + v.stay * _DAY_US + rng.integers(15, 240, len(v)) * 60_000_000
    end_us = np.minimum(end_us, (v.day + v.stay + 1) * _DAY_US - 1_000_000)
    return {
        "visit_occurrence_id": visit_ids,
        "person_id": person,
        "visit_concept_id": kinds[v.kind],
        "visit_start_date": v.day,
        "visit_start_datetime": start_us,
        "visit_end_date": v.day + v.stay,
        "visit_end_datetime": end_us,
        "visit_type_concept_id": _constant("ehr", len(v)),
        "care_site_id": v.site + 1,
        "visit_source_value": _labels(v.kind, dict(enumerate(("OP", "ER", "IP")))),
    }


def _ordered(block: Block, records: Records, table: str) -> Records:
    """Rows by visit (visits are in order), no more per patient than the study declares."""
    records = records.where(np.lexsort((records.concept, records.visit)))
    return records.where(within(block.visits.patient[records.visit], MOST_ROWS[table]))


def within(patient: Ints, most: int) -> Bools:
    """The first `most` rows of each patient; rows must be ordered by patient."""
    position = np.arange(len(patient))
    starts = np.r_[True, patient[1:] != patient[:-1]] if len(patient) else np.zeros(0, dtype=bool)
    return np.asarray(position - np.maximum.accumulate(np.where(starts, position, 0)) < most)


def _conditions(rng: Rng, block: Block, person: Ints, visit_ids: Ints, bases: dict[str, int]) -> Columns:
    r = _ordered(block, block.conditions, "condition_occurrence")
    day = block.visits.day[r.visit]
    end = np.minimum(day + np.maximum(r.extra["days"], 0), block.last_day[block.visits.patient[r.visit]])
    open_ = r.extra["days"] < 0
    sources = {concept_id(key): source for key, source in source_ids().items()}
    return {
        "condition_occurrence_id": _ids("condition_occurrence", len(r), bases),
        "person_id": person[r.visit],
        "condition_concept_id": r.concept,
        "condition_start_date": day,
        "condition_start_datetime": day * _DAY_US + block.minute[r.visit] * 60_000_000,
        "condition_end_date": (end, open_),
        "condition_type_concept_id": _constant("ehr", len(r)),
        "condition_status_concept_id": np.where(
            r.extra["primary"] == 1, concept_id("primary"), concept_id("secondary")
        ),
        "visit_occurrence_id": (visit_ids[r.visit], rng.random(len(r)) < 0.01),
        "condition_source_value": _labels(r.concept, {c.id: c.icd10 for c in concepts().values() if c.icd10}),
        "condition_source_concept_id": _mapped(r.concept, sources),
    }


def _drugs(rng: Rng, block: Block, person: Ints, visit_ids: Ints, bases: dict[str, int]) -> Columns:
    r = _ordered(block, block.drugs, "drug_exposure")
    day, supply = block.visits.day[r.visit], r.extra["days"]
    miscoded = rng.random(len(r)) < 0.012
    last = np.maximum(block.last_day[block.visits.patient[r.visit]], day)
    return {
        "drug_exposure_id": _ids("drug_exposure", len(r), bases),
        "person_id": person[r.visit],
        "drug_concept_id": r.concept,
        "drug_exposure_start_date": day,
        "drug_exposure_start_datetime": day * _DAY_US + block.minute[r.visit] * 60_000_000,
        "drug_exposure_end_date": np.minimum(day + supply - 1, last),
        "drug_type_concept_id": _constant("ehr", len(r)),
        "refills": np.where(supply >= 30, rng.integers(0, 4, len(r)), 0),
        "quantity": (r.extra["quantity"].astype(float), rng.random(len(r)) < 0.05),
        "days_supply": (np.where(miscoded, -1, supply), rng.random(len(r)) < 0.02),
        "sig": _labels(
            r.extra["route"], {concept_id("oral"): "take by mouth as told", concept_id("intravenous"): "iv"}
        ),
        "route_concept_id": r.extra["route"],
        "visit_occurrence_id": visit_ids[r.visit],
        "drug_source_value": _labels(r.concept, {c.id: c.code for c in concepts().values() if c.domain == "Drug"}),
    }


def _procedures(rng: Rng, block: Block, person: Ints, visit_ids: Ints, bases: dict[str, int]) -> Columns:
    r = _ordered(block, block.procedures, "procedure_occurrence")
    visit = r.visit
    offset = (rng.random(len(r)) * (block.visits.stay[visit] + 1)).astype(np.int64)
    day = np.minimum(block.visits.day[visit] + offset, block.last_day[block.visits.patient[visit]])
    return {
        "procedure_occurrence_id": _ids("procedure_occurrence", len(r), bases),
        "person_id": person[visit],
        "procedure_concept_id": r.concept,
        "procedure_date": day,
        "procedure_datetime": day * _DAY_US + block.minute[visit] * 60_000_000,
        "procedure_type_concept_id": _constant("ehr", len(r)),
        "quantity": (np.ones(len(r), dtype=np.int64), rng.random(len(r)) < 0.1),
        "visit_occurrence_id": visit_ids[visit],
    }


def _measurements(rng: Rng, block: Block, person: Ints, visit_ids: Ints, bases: dict[str, int]) -> Columns:
    visit, concept, value, unit, missing = block.measurements
    # The same result filed twice, as interfaces do.
    order = np.lexsort((concept, visit))
    again = np.repeat(order, 1 + (rng.random(len(order)) < 0.008))
    kept = again[within(block.visits.patient[visit[again]], MOST_ROWS["measurement"])]
    visit, concept, unit = visit[kept], concept[kept], unit[kept]
    value, missing = value[kept], missing[kept]
    day = block.visits.day[visit]
    return {
        "measurement_id": _ids("measurement", len(kept), bases),
        "person_id": person[visit],
        "measurement_concept_id": concept,
        "measurement_date": day,
        "measurement_datetime": day * _DAY_US + (block.minute[visit] + 10) * 60_000_000,
        "measurement_type_concept_id": _constant("ehr", len(kept)),
        "operator_concept_id": _constant("equals", len(kept)),
        "value_as_number": (value, missing),
        "unit_concept_id": (unit, rng.random(len(kept)) < 0.01),
        "visit_occurrence_id": visit_ids[visit],
        "measurement_source_value": _labels(concept, {c.id: c.code for c in concepts().values()}),
    }


def _constant(key: str, rows: int) -> Ints:
    return np.full(rows, concept_id(key), dtype=np.int64)


def _numbered(prefix: str, ids: Ints) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(prefix), pa.array(ids).cast(pa.string()), pa.scalar(""))


def _mapped(values: Ints, mapping: dict[int, int]) -> Ints:
    keys = np.array(sorted(mapping))
    return np.asarray(np.array([mapping[k] for k in keys])[np.searchsorted(keys, values)])


def _labels(values: Ints, mapping: dict[int, str]) -> pa.Array:
    """Text for each value by lookup; null where the mapping has none."""
    keys = np.array(sorted(mapping))
    index = np.minimum(np.searchsorted(keys, values), len(keys) - 1)
    indices = pa.array(index, mask=keys[index] != values)
    return pa.array([mapping[int(k)] for k in keys], pa.string()).take(indices)
