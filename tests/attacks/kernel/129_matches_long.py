"""Attack 129: matches long"""

IDEA = "Completions that are longer than any name."
SOURCE = "Jupyter messaging specification 5.4, completion"
WAY = "shell/complete_reply/matches"
CODE = """
on(
    "complete_request",
    {"status": "ok", "matches": ["x" * 600 + SECRET], "cursor_start": 0, "cursor_end": 1, "metadata": {}},
)
"""
ABSENT = ["SECRET"]
THEN = [("complete_request", {"code": "x", "cursor_pos": 1})]
