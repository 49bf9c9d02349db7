"""Attack 131: cursor start"""

IDEA = "A cursor position of text."
SOURCE = "Jupyter messaging specification 5.4, completion"
WAY = "shell/complete_reply/cursor_start"
CODE = """
on(
    "complete_request",
    {"status": "ok", "matches": ["x"], "cursor_start": SECRET, "cursor_end": 1, "metadata": {}},
)
"""
ABSENT = ["SECRET"]
THEN = [("complete_request", {"code": "x", "cursor_pos": 1})]
