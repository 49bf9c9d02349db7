"""The researcher's side: pandas-like questions about patients whose rows are elsewhere.

    import kernel_guard.client as kg
    study = kg.open("demo-hospital")
    study.person.groupby("gender_concept_id").count_patients().release(epsilon=0.5)

- Runs inside the sandbox, untrusted: it holds schema, mock rows and releases, and no secret.
- pandas is loaded when a release or mock rows are made, not before.
"""

from kernel_guard.client import errors
from kernel_guard.client.cohort import attrition
from kernel_guard.client.column import Column
from kernel_guard.client.crosstab import crosstab, pivot_table
from kernel_guard.client.derived import (
    odds_ratio,
    percent,
    rate,
    risk_difference,
    risk_ratio,
    standardised_rate,
)  # fmt: skip
from kernel_guard.client.drawing import boxplot
from kernel_guard.client.frame import Frame
from kernel_guard.client.inference import chi_square, rank_test, t_test
from kernel_guard.client.query import Query
from kernel_guard.client.session import Session, Study, budget, connect, open, protected_objects, studies
from kernel_guard.client.summaries import correlation, missing
from kernel_guard.client.table_one import table_one
from kernel_guard.client.together import Together, together
from kernel_guard.errors import KernelGuardError

__all__ = [
    "Column", "Frame", "KernelGuardError", "Query", "Session", "Study", "Together", "attrition", "boxplot",
    "budget", "chi_square", "connect", "correlation", "crosstab", "errors", "missing", "odds_ratio", "open",
    "percent", "pivot_table", "protected_objects", "rank_test", "rate", "risk_difference", "risk_ratio",
    "standardised_rate", "studies", "t_test", "table_one", "together",
]  # fmt: skip
