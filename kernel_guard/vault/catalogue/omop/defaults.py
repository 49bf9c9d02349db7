"""What is public about the OMOP CDM whoever's patients are in it: code lists, bounds, meanings, what identifies.

- Nothing here, and nothing made from it, is computed from patient rows.
- Concept ids: OHDSI standardised vocabularies, domains Gender, Race, Ethnicity and Visit.
"""

from __future__ import annotations

from kernel_guard.plan.schema import Category
from kernel_guard.vault.catalogue.cdm import CdmField

VOCABULARY = frozenset(
    {
        "concept", "vocabulary", "domain", "concept_class", "concept_relationship", "relationship",
        "concept_synonym", "concept_ancestor", "drug_strength",
    }
)  # fmt: skip
UNKNOWN = Category(0, "No matching concept")
CODES: dict[str, tuple[Category, ...]] = {
    "gender_concept_id": (Category(8507, "Male"), Category(8532, "Female"), Category(8551, "Unknown"), UNKNOWN),
    "race_concept_id": (
        Category(8515, "Asian"), Category(8516, "Black or African American"), Category(8527, "White"),
        Category(8557, "Native Hawaiian or Other Pacific Islander"),
        Category(8657, "American Indian or Alaska Native"), Category(8522, "Other race"),
        Category(8552, "Unknown"), UNKNOWN,
    ),
    "ethnicity_concept_id": (
        Category(38003563, "Hispanic or Latino"), Category(38003564, "Not Hispanic or Latino"), UNKNOWN,
    ),
    "visit_concept_id": (
        Category(9201, "Inpatient visit"), Category(9202, "Outpatient visit"), Category(9203, "Emergency room visit"),
        Category(262, "Emergency room and inpatient visit"), Category(5083, "Telehealth"),
        Category(581476, "Home visit"), Category(32036, "Laboratory visit"), UNKNOWN,
    ),
}  # fmt: skip
BOUNDS: dict[str, tuple[int, int]] = {"year_of_birth": (1900, 2030), "month_of_birth": (1, 12)}
DATES = ("1900-01-01", "2299-12-31")  # the CDM has no bounds of its own; shifted dates lie in the future
MEANINGS = {
    "person_id": "The patient, as a number without meaning; counted, never shown.",
    "gender_concept_id": "Sex as recorded.",
    "year_of_birth": "Year of birth.",
    "month_of_birth": "Month of birth.",
    "race_concept_id": "Race as recorded.",
    "ethnicity_concept_id": "Ethnicity as recorded.",
    "care_site_id": "The hospital or department.",
    "visit_concept_id": "Kind of visit.",
    "condition_concept_id": "The condition (diagnosis, symptom or finding).",
    "drug_concept_id": "The drug.",
    "measurement_concept_id": "What was measured.",
    "value_as_number": "The measured number; its unit stands in unit_concept_id.",
    "value_as_concept_id": "The result as a concept, where it is no number.",
    "unit_concept_id": "Unit of the number.",
    "procedure_concept_id": "The procedure.",
    "observation_concept_id": "What was observed.",
    "days_supply": "Days that the supply is meant for.",
    "quantity": "Quantity, in the drug's or device's own unit.",
    "range_low": "Lower end of the laboratory's normal range.",
    "range_high": "Upper end of the laboratory's normal range.",
    "cause_concept_id": "Cause of death.",
    "death_date": "Date of death.",
}
_IDENTIFYING = {"day_of_birth", "birth_datetime"}
_NAMES = ("_name", "address_1", "address_2", "city", "county", "zip", "state", "latitude", "longitude")


def blocked_reason(field: CdmField, *, public_care_sites: bool) -> str:
    """Why a field is closed unless the steward opens it; empty for one that is open."""
    if field.name in _IDENTIFYING:
        return "a date of birth identifies people"
    if field.name in ("care_site_id", "care_site_name") and public_care_sites:
        return ""
    if field.name.endswith("_source_value"):
        return "the source system's own text may hold names or numbers of people"
    if field.name.endswith(_NAMES) or field.name in _NAMES:
        return "names and addresses identify people"
    if field.is_text:
        return "free text may hold anything"
    if field.name.endswith("_id") and not field.is_concept and field.name != "person_id":
        return "a record's number links records of one patient"
    return ""


def meaning(field: CdmField) -> str:
    """A few words for a column."""
    if field.name in MEANINGS:
        return MEANINGS[field.name]
    words = field.name.removesuffix("_concept_id").replace("_", " ")
    return f"{words.capitalize()} (concept)." if field.is_concept else f"{words.capitalize()}."
