"""Attack 132: cursor end"""

IDEA = "A cursor position of text at the other end."
SOURCE = "Jupyter messaging specification 5.4, completion"
WAY = "shell/complete_reply/cursor_end"
CODE = """
on(
    "complete_request",
    {"status": "ok", "matches": ["x"], "cursor_start": 0, "cursor_end": [SECRET], "metadata": {}},
)
"""
ABSENT = ["SECRET"]
THEN = [("complete_request", {"code": "x", "cursor_pos": 1})]
