"""Attack 121: reply twice"""

IDEA = "Answer twice."
SOURCE = "confusion of replies"
WAY = "shell/any reply/type"
CODE = """
answer("execute_reply", {"status": "ok", "execution_count": 1})
answer(
    "execute_reply",
    {"status": "ok", "execution_count": 1, "payload": [{"source": "page", "data": {"text/plain": SECRET}}]},
)
"""
ABSENT = ["SECRET"]
