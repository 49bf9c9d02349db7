"""Attack 128: expressions"""

IDEA = "Values for names that nobody asked for, and with types that do not pass."
SOURCE = "Jupyter messaging specification 5.4, user expressions"
WAY = "shell/execute_reply/user_expressions"
CODE = """
answer(
    "execute_reply",
    {
        "status": "ok",
        "execution_count": 1,
        "user_expressions": {
            SECRET: {"status": "ok", "data": {"text/plain": SECRET}, "metadata": {}},
            "asked": {
                "status": "ok",
                "data": {"application/x-secret": SECRET},
                "metadata": {"secret": SECRET},
            },
        },
    },
)
"""
ABSENT = ["SECRET"]
EXPRESSIONS = {"asked": "1"}
