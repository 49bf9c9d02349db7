"""Attack 133: completion metadata"""

IDEA = "Kinds of completions that are texts."
SOURCE = "Jupyter messaging specification 5.4, completion"
WAY = "shell/complete_reply/metadata"
CODE = """
on(
    "complete_request",
    {
        "status": "ok",
        "matches": ["x"],
        "cursor_start": 0,
        "cursor_end": 1,
        "secret": SECRET,
        "metadata": {
            "secret": SECRET,
            "_jupyter_types_experimental": [
                {"text": "x", "start": 0, "end": 1, "type": "A" + SECRET, "secret": SECRET}
            ],
        },
    },
)
"""
ABSENT = ["SECRET"]
THEN = [("complete_request", {"code": "x", "cursor_pos": 1})]
