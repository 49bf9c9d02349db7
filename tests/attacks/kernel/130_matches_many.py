"""Attack 130: matches many"""

IDEA = "Three thousand completions."
SOURCE = "Jupyter messaging specification 5.4, completion"
WAY = "shell/complete_reply/matches"
CODE = """
on(
    "complete_request",
    {"status": "ok", "matches": ["x"] * 3000 + [SECRET], "cursor_start": 0, "cursor_end": 1, "metadata": {}},
)
"""
ABSENT = ["SECRET"]
THEN = [("complete_request", {"code": "x", "cursor_pos": 1})]
