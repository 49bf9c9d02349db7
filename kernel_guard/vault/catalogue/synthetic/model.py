"""The numbers behind the synthetic hospital: who falls ill of what, what is measured, given and done.

- Everything is a table of round numbers chosen by hand; nothing was fitted to records of patients.
- Logits and log rates are at age 60 for a woman of average weight; `age` is the change per ten years.
- The order of a table is the order of cause and effect: a row may name rows above it only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

START, DAYS = 16_436, 3_653  # 2015-01-01 as days since 1970, and ten years from there
NEVER = 1 << 30

WINTER = (1.9, 1.7, 1.3, 0.9, 0.6, 0.5, 0.4, 0.5, 0.7, 0.9, 1.2, 1.6)
INFLUENZA = (3.2, 3.0, 1.6, 0.5, 0.15, 0.05, 0.03, 0.03, 0.1, 0.3, 0.9, 2.2)
AUTUMN = (0.9, 0.9, 1.1, 1.2, 1.1, 0.8, 0.5, 0.7, 1.7, 1.5, 1.1, 0.9)
SUMMER = (0.8, 0.8, 0.9, 1.0, 1.1, 1.3, 1.4, 1.3, 1.1, 1.0, 0.8, 0.8)
FLAT = (1.0,) * 12
PLANNED = (1.1, 1.05, 1.1, 1.0, 1.0, 0.95, 0.85, 0.7, 1.05, 1.15, 1.1, 0.8)
EVERY_YEAR = (1.0,) * 10
FLU_YEARS = (1.1, 0.7, 1.2, 1.6, 0.8, 0.9, 0.1, 0.7, 1.2, 1.0)
COVID_YEARS = (0.0, 0.0, 0.0, 0.0, 0.0, 1.6, 1.8, 1.5, 0.7, 0.4)


@dataclass(frozen=True)
class Chronic:
    """A disease that stays. `needs`: only people with this one can have it."""

    key: str
    logit: float
    age: float = 0.0
    male: float = 0.0
    weight: float = 0.0
    smoke: float = 0.0
    causes: dict[str, float] = field(default_factory=dict)
    needs: str = ""
    only: str = ""
    from_age: int = 18
    mortality: float = 0.0


CHRONIC = (
    Chronic("obesity", -1.6, -0.05, 0.0, 3.2),
    Chronic("hypertension", -0.5, 0.55, 0.1, 0.35, mortality=0.05),
    Chronic("t2d", -1.9, 0.35, 0.2, 0.55, 0.1, {"hypertension": 0.6}, mortality=0.25),
    Chronic("retinopathy", -1.3, 0.1, needs="t2d", from_age=30),
    Chronic("hyperlipidemia", -0.9, 0.4, 0.1, 0.2, causes={"t2d": 0.7, "hypertension": 0.5}),
    Chronic("ckd3", -3.0, 0.6, causes={"t2d": 0.9, "hypertension": 0.7}, mortality=0.3),
    Chronic("ckd4", -1.2, 0.1, needs="ckd3", mortality=0.5),
    Chronic("asthma", -2.3, -0.1, -0.2, 0.1, from_age=4),
    Chronic("copd", -3.3, 0.4, 0.1, 0.0, 2.1, from_age=40, mortality=0.45),
    Chronic("cad", -2.8, 0.55, 0.6, 0.1, 0.6, {"hyperlipidemia": 0.7, "t2d": 0.6, "hypertension": 0.5}, mortality=0.2),
    Chronic("af", -3.4, 0.75, 0.3, 0.15, causes={"hypertension": 0.5, "cad": 0.4}, mortality=0.15),
    Chronic("hf", -4.0, 0.6, 0.2, 0.2, 0.1, {"cad": 1.1, "af": 0.8, "hypertension": 0.5, "ckd3": 0.5}, mortality=0.7),
    Chronic("depression", -1.7, -0.05, -0.5, 0.1, 0.3, from_age=12),
    Chronic("anxiety", -2.1, -0.1, -0.5, causes={"depression": 1.2}, from_age=10),
    Chronic("hypothyroidism", -2.9, 0.2, -1.2),
    Chronic("osteoarthritis", -1.5, 0.6, -0.3, 0.35, from_age=40),
    Chronic("osteoporosis", -3.2, 0.6, -1.4, -0.3, from_age=50),
    Chronic("arthritis", -4.2, 0.1, -0.9, 0.0, 0.4),
    Chronic("dementia", -5.0, 1.1, from_age=60, mortality=0.8),
    Chronic("breast_cancer", -3.7, 0.3, only="female", from_age=30, mortality=0.4),
    Chronic("prostate_cancer", -3.5, 0.8, only="male", from_age=45, mortality=0.2),
    Chronic("colon_cancer", -4.3, 0.5, from_age=35, mortality=0.8),
    Chronic("lung_cancer", -5.4, 0.5, 0.1, 0.0, 2.0, from_age=40, mortality=1.9),
    Chronic("anemia", -2.6, 0.3, -0.4, causes={"ckd3": 0.9, "colon_cancer": 1.0}, from_age=10, mortality=0.1),
    Chronic("reflux", -1.8, 0.15, 0.0, 0.3),
)


@dataclass(frozen=True)
class Acute:
    """An illness that comes and goes. `rate` per person and year; `death` is the logit of dying of it."""

    key: str
    rate: float
    age: float = 0.0
    male: float = 0.0
    causes: dict[str, float] = field(default_factory=dict)
    months: tuple[float, ...] = FLAT
    years: tuple[float, ...] = EVERY_YEAR
    needs: str = ""
    admitted: float = -1.0
    stay: float = 4.0
    death: float = -9.0
    inflamed: float = 0.0
    drugs: dict[str, float] = field(default_factory=dict)
    procedures: dict[str, float] = field(default_factory=dict)


INFECTIONS = (
    Acute("influenza", 0.045, 0.0, 0.0, {"asthma": 0.2, "copd": 0.3}, INFLUENZA, FLU_YEARS, "", -2.6, 4, -5.2, 1.0,
          {"oseltamivir": 0.45, "acetaminophen": 0.5}, {}),
    Acute("pneumonia", 0.022, 0.45, 0.2, {"copd": 1.0, "hf": 0.5, "dementia": 0.7, "asthma": 0.3}, WINTER, EVERY_YEAR,
          "", 0.0, 6, -2.9, 2.6, {"acetaminophen": 0.4}, {"chest_xray": 0.9, "ventilation": 0.05}),
    Acute("covid", 0.055, 0.1, 0.1, {"obesity": 0.2, "t2d": 0.2}, WINTER, COVID_YEARS, "", -1.7, 8, -3.6, 2.0,
          {"acetaminophen": 0.4, "prednisone": 0.25}, {"chest_xray": 0.5, "ventilation": 0.04}),
    Acute("asthma_attack", 0.22, -0.15, -0.1, {"obesity": 0.2}, AUTUMN, EVERY_YEAR, "asthma", -2.0, 2, -7.0, 0.4,
          {"albuterol": 0.9, "prednisone": 0.7}, {}),
    Acute("copd_attack", 0.45, 0.1, 0.1, {}, WINTER, EVERY_YEAR, "copd", -0.3, 5, -3.4, 1.2,
          {"albuterol": 0.9, "prednisone": 0.8}, {"chest_xray": 0.6, "ventilation": 0.06}),
    Acute("uti", 0.055, 0.3, -1.4, {"t2d": 0.4, "dementia": 0.7}, SUMMER, EVERY_YEAR, "", -2.0, 4, -5.0, 1.6, {}, {}),
    Acute("sepsis", 0.006, 0.5, 0.2, {"t2d": 0.5, "ckd3": 0.6, "colon_cancer": 0.8, "lung_cancer": 0.8}, FLAT,
          EVERY_YEAR, "", 5.0, 10, -1.5, 3.4, {"heparin": 0.5}, {"ventilation": 0.25, "chest_xray": 0.7}),
    Acute("hip_fracture", 0.0028, 1.0, -0.5, {"osteoporosis": 1.2, "dementia": 0.6}, WINTER, EVERY_YEAR, "", 5.0, 9,
          -2.9, 1.0, {"heparin": 0.7, "acetaminophen": 0.8}, {"hip_replacement": 0.45}),
    Acute("gi_bleed", 0.005, 0.4, 0.3, {"osteoarthritis": 0.4, "af": 0.6}, FLAT, EVERY_YEAR, "", 1.6, 5, -3.1, 0.5,
          {"omeprazole": 0.85}, {"endoscopy": 0.7, "colonoscopy": 0.35}),
)  # fmt: skip

# These come after treatment: their rates also rise with blood pressure, lipids and sugar as treated.
OUTCOMES = (
    Acute("mi", 0.004, 0.45, 0.5, {"cad": 1.1, "t2d": 0.3, "ckd3": 0.3}, WINTER, EVERY_YEAR, "", 5.0, 5, -2.2, 1.0,
          {"aspirin": 0.95, "heparin": 0.7, "metoprolol": 0.7},
          {"ecg": 0.98, "angioplasty": 0.5, "bypass": 0.08, "echo": 0.6}),
    Acute("stroke", 0.0035, 0.6, 0.1, {"af": 1.0, "t2d": 0.3}, FLAT, EVERY_YEAR, "", 5.0, 7, -2.0, 0.8,
          {"aspirin": 0.85}, {"ct_head": 0.97, "ecg": 0.8}),
    Acute("hf_attack", 0.14, 0.1, 0.1, {"ckd3": 0.4, "af": 0.3}, WINTER, EVERY_YEAR, "hf", 1.5, 6, -2.5, 0.5,
          {"furosemide": 0.9}, {"echo": 0.6, "chest_xray": 0.7}),
    Acute("aki", 0.005, 0.5, 0.2, {"ckd3": 1.0, "hf": 0.5}, FLAT, EVERY_YEAR, "", 2.0, 6, -2.6, 0.8,
          {}, {"dialysis": 0.08}),
)  # fmt: skip

ACUTE = (*INFECTIONS, *OUTCOMES)


@dataclass(frozen=True)
class Lab:
    """A measurement. With `log`, centre, spreads and effects are on the log scale.

    `seen` is the chance of being ordered at an outpatient, emergency and inpatient visit; `asked` raises it.
    """

    key: str
    unit: str
    centre: float
    between: float
    within: float
    seen: tuple[float, float, float]
    effects: dict[str, float] = field(default_factory=dict)
    asked: dict[str, float] = field(default_factory=dict)
    age: float = 0.0
    male: float = 0.0
    weight: float = 0.0
    inflamed: float = 0.0
    log: bool = False
    decimals: int = 1
    lowest: float = 0.0
    highest: float = 1000.0


LABS = (
    Lab("sbp", "mmhg", 122, 7, 9, (0.75, 0.9, 0.95), {"hypertension": 22, "sepsis": -28, "stroke": 18, "ckd3": 4},
        age=2.5, male=2, weight=3, decimals=0, lowest=60, highest=260),
    Lab("dbp", "mmhg", 76, 5, 7, (0.75, 0.9, 0.95), {"hypertension": 11, "sepsis": -15}, age=-0.5, male=2,
        weight=2, decimals=0, lowest=30, highest=150),
    Lab("bmi", "kg_m2", 27, 0, 0.5, (0.35, 0.05, 0.4), {"obesity": 0.5}, weight=5, lowest=12, highest=70),
    Lab("weight", "kg", 72, 4, 1.0, (0.4, 0.1, 0.5), {"hf_attack": 3.0}, male=11, weight=14, lowest=3, highest=250),
    Lab("temperature", "celsius", 36.7, 0.15, 0.25, (0.2, 0.9, 0.95), {"influenza": 1.2}, inflamed=0.45,
        lowest=33, highest=42),
    Lab("spo2", "percent", 97.5, 0.6, 0.8, (0.15, 0.9, 0.95),
        {"copd": -2.5, "pneumonia": -3.5, "covid": -3, "copd_attack": -3, "asthma_attack": -2, "hf_attack": -3},
        decimals=0, lowest=60, highest=100),
    Lab("hba1c", "percent", 5.4, 0.25, 0.15, (0.08, 0.02, 0.1), {"t2d": 2.4}, {"t2d": 0.65, "obesity": 0.1},
        age=0.06, weight=0.1, lowest=3.5, highest=18),
    Lab("glucose", "mg_dl", 4.56, 0.09, 0.13, (0.22, 0.7, 0.9), {"t2d": 0.5, "sepsis": 0.2}, {"t2d": 0.3},
        weight=0.02, log=True, decimals=0, lowest=35, highest=900),
    Lab("creatinine", "mg_dl", -0.2, 0.14, 0.09, (0.25, 0.65, 0.9), {"ckd3": 0.5, "ckd4": 0.6, "aki": 0.9,
        "sepsis": 0.25}, {"ckd3": 0.45, "hypertension": 0.15, "hf": 0.2}, age=0.03, male=0.2, log=True, decimals=2,
        lowest=0.2, highest=18),
    Lab("ldl", "mg_dl", 116, 20, 9, (0.14, 0.01, 0.08), {"hyperlipidemia": 42}, {"hyperlipidemia": 0.4, "cad": 0.3,
        "t2d": 0.2}, age=2, weight=3, decimals=0, lowest=10, highest=400),
    Lab("potassium", "mmol_l", 4.2, 0.15, 0.3, (0.22, 0.65, 0.9), {"ckd4": 0.5, "aki": 0.7}, {"hf": 0.3, "ckd3": 0.3},
        lowest=2, highest=8),
    Lab("sodium", "mmol_l", 140, 1.0, 2.2, (0.22, 0.65, 0.9), {"hf_attack": -3, "pneumonia": -2}, {"hf": 0.3},
        decimals=0, lowest=108, highest=170),
    Lab("hemoglobin", "g_dl", 13.2, 0.6, 0.45, (0.25, 0.65, 0.9), {"anemia": -2.9, "gi_bleed": -4.6, "ckd4": -0.9,
        "hip_fracture": -1.3}, {"anemia": 0.5}, age=-0.15, male=1.4, lowest=3, highest=21),
    Lab("wbc", "thousand_ul", 1.9, 0.15, 0.17, (0.22, 0.65, 0.9), inflamed=0.17, log=True,
        lowest=0.3, highest=90),
    Lab("platelets", "thousand_ul", 5.48, 0.18, 0.1, (0.22, 0.65, 0.9), {"sepsis": -0.35}, log=True, decimals=0,
        lowest=5, highest=1200),
    Lab("crp", "mg_l", 0.7, 0.6, 0.55, (0.06, 0.6, 0.8), {"arthritis": 0.9}, {"arthritis": 0.4}, weight=0.15,
        inflamed=1.15, log=True, lowest=0.2, highest=500),
    Lab("bnp", "pg_ml", 4.4, 0.5, 0.35, (0.02, 0.15, 0.25), {"hf": 2.2, "hf_attack": 1.3, "af": 0.6, "ckd3": 0.4},
        {"hf": 0.5}, age=0.15, log=True, decimals=0, lowest=5, highest=70000),
    Lab("troponin", "ng_l", 1.4, 0.4, 0.4, (0.0, 0.3, 0.3), {"mi": 5.0, "hf_attack": 1.2, "sepsis": 1.3, "ckd4": 0.8},
        age=0.1, log=True, lowest=1, highest=50000),
    Lab("lactate", "mmol_l", 0.1, 0.2, 0.25, (0.0, 0.15, 0.3), {"sepsis": 1.2, "mi": 0.3}, log=True, lowest=0.3,
        highest=22),
    Lab("inr", "inr_unit", 0.04, 0.05, 0.06, (0.03, 0.25, 0.4), {}, {"af": 0.4}, log=True, decimals=2, lowest=0.8,
        highest=12),
)  # fmt: skip


@dataclass(frozen=True)
class Treatment:
    """A long-term drug that a lab value starts, and what it then does to that lab."""

    drug: str
    lab: str
    threshold: float
    condition: str
    uptake: float
    effect: float
    after: str = ""
    below: bool = False
    days: int = 90
    quantity: float = 90.0
    route: str = "oral"


TREATMENTS = (
    Treatment("metformin", "hba1c", 6.8, "t2d", 0.85, -1.1, quantity=180),
    Treatment("insulin", "hba1c", 8.0, "t2d", 0.5, -1.3, after="metformin", days=30, quantity=10, route="subcutaneous"),
    Treatment("lisinopril", "sbp", 140, "hypertension", 0.7, -11),
    Treatment("amlodipine", "sbp", 142, "hypertension", 0.55, -9, after="lisinopril"),
    Treatment("atorvastatin", "ldl", 130, "hyperlipidemia", 0.75, -48),
    Treatment("furosemide", "bnp", 900, "hf", 0.85, -0.4),
    Treatment("iron", "hemoglobin", 10.8, "anemia", 0.7, 1.4, below=True),
    Treatment("warfarin", "inr", 0.5, "af", 0.55, 0.85, days=30, quantity=30),
)

# Long-term drugs that a diagnosis starts by itself: (drug, condition, uptake, days of supply, route).
HABITS = (
    ("aspirin", "cad", 0.75, 90, "oral"),
    ("metoprolol", "hf", 0.7, 90, "oral"),
    ("sertraline", "depression", 0.5, 90, "oral"),
    ("albuterol", "asthma", 0.7, 30, "inhaled"),
    ("tiotropium", "copd", 0.6, 30, "inhaled"),
    ("levothyroxine", "hypothyroidism", 0.9, 90, "oral"),
    ("omeprazole", "reflux", 0.6, 30, "oral"),
    ("celecoxib", "osteoarthritis", 0.3, 30, "oral"),
    ("alendronate", "osteoporosis", 0.5, 90, "oral"),
)

# An infection's antibiotic depends on the C-reactive protein or white cells measured at the same visit.
ANTIBIOTICS = {"pneumonia": "ceftriaxone", "uti": "amoxicillin", "sepsis": "vancomycin", "copd_attack": "amoxicillin"}

HOSPITALS = (
    "North General (synthetic)",
    "Harbour City (synthetic)",
    "University West (synthetic)",
    "Lakeside District (synthetic)",
    "South Valley (synthetic)",
)
HOSPITAL_SHARE = (0.34, 0.25, 0.2, 0.13, 0.08)

# How many rows one patient may have; the generator holds them, the study declares them.
MOST_ROWS = {
    "observation_period": 1,
    "visit_occurrence": 150,
    "condition_occurrence": 300,
    "drug_exposure": 500,
    "measurement": 1500,
    "procedure_occurrence": 60,
}
