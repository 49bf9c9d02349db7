"""What the steward of the synthetic hospital declares beyond the standard: bounds, units, missing codes, caps.

- These are properties of the generator, known before any patient is made.
- The same form (JSON or TOML) serves the steward of a real data set; `catalogue.omop.declare` reads it.
"""

from __future__ import annotations

from typing import Any

from kernel_guard.vault.catalogue.synthetic.model import MOST_ROWS

DECLARATIONS_FILE = "declarations.json"
_FIRST, _LAST = "2015-01-01", "2024-12-31"
_DATES = {
    "observation_period": ("observation_period_start_date", "observation_period_end_date"),
    "visit_occurrence": ("visit_start_date", "visit_start_datetime", "visit_end_date", "visit_end_datetime"),
    "condition_occurrence": ("condition_start_date", "condition_start_datetime", "condition_end_date"),
    "drug_exposure": ("drug_exposure_start_date", "drug_exposure_start_datetime", "drug_exposure_end_date"),
    "measurement": ("measurement_date", "measurement_datetime"),
    "procedure_occurrence": ("procedure_date", "procedure_datetime"),
    "death": ("death_date", "death_datetime"),
}
_COLUMNS: dict[tuple[str, str], dict[str, Any]] = {
    ("person", "year_of_birth"): {"lower": 1910, "upper": 2024, "missing_codes": [1900]},
    ("measurement", "value_as_number"): {
        "description": "The value; which lab it is stands in measurement_concept_id, its unit in unit_concept_id.",
        "lower": 0.0,
        "upper": 2000.0,
        "step": 0.1,
        "missing_codes": [9999.0, -1.0],
    },
    ("drug_exposure", "quantity"): {"lower": 0.0, "upper": 200.0, "step": 1.0},
    ("drug_exposure", "days_supply"): {"lower": 0, "upper": 90, "step": 1, "unit": "days", "missing_codes": [-1]},
    ("drug_exposure", "refills"): {"lower": 0, "upper": 5, "step": 1},
    ("procedure_occurrence", "quantity"): {"lower": 0, "upper": 5, "step": 1},
}


def declarations() -> dict[str, Any]:
    """The steward's declarations for the synthetic hospital."""
    tables: dict[str, dict[str, Any]] = {}
    for table, columns in _DATES.items():
        for column in columns:
            _column(tables, table, column).update({"lower": _FIRST, "upper": _LAST})
    for (table, column), values in _COLUMNS.items():
        _column(tables, table, column).update(values)
    for table, most in MOST_ROWS.items():
        tables.setdefault(table, {"columns": {}})["max_rows_per_patient"] = most
    return {
        "title": "Synthetic hospital",
        "description": "Five made-up hospitals, 2015 to 2024. No real person is in it.",
        "public_vocabulary": True,
        "public_care_sites": True,
        "tables": tables,
    }


def _column(tables: dict[str, dict[str, Any]], table: str, column: str) -> dict[str, Any]:
    columns = tables.setdefault(table, {"columns": {}})["columns"]
    found: dict[str, Any] = columns.setdefault(column, {})
    return found
