"""Attack 212: own badge"""

IDEA = "Show one's own number in the guard's name."
SOURCE = "forged provenance"
WAY = "outside/vault/badge"
CODE = """
for kind in ("release", "withheld", "notice", "anything"):
    display(
        {
            "application/vnd.kernel-guard.%s+json" % kind: {
                "statement": {"id": SECRET, "columns": [], "rows": []},
                "envelope": {},
            },
            "text/plain": ".",
        },
        raw=True,
    )
"""
ABSENT = ["SECRET"]
