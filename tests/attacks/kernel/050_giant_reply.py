"""Attack 050: giant reply"""

IDEA = "A giant reply, whose content a guard might cut and pass."
SOURCE = "denial of service"
WAY = "any/any/a giant message"
CODE = """
answer(
    "execute_reply",
    {
        "status": "ok",
        "execution_count": 1,
        "payload": [{"source": "page", "data": {"text/plain": "x" * 12_000_000 + SECRET}}],
    },
)
"""
ABSENT = ["SECRET"]
