"""Attack 215: other numbers"""

IDEA = "Put other numbers beside a true badge."
SOURCE = "forged provenance"
WAY = "outside/vault/badge"
CODE = """
import kernel_guard.client as kg

released = (
    kg.open("demo-hospital").person.groupby("gender_concept_id").count_patients().release(epsilon=0.125)
)
display(
    {
        "application/vnd.kernel-guard.release-ref+json": {"id": released.release_id, "value": SECRET},
        "text/plain": SECRET,
        "text/html": SECRET,
    },
    metadata={"x": SECRET},
    raw=True,
)
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
