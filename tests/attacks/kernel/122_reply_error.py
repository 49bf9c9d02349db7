"""Attack 122: reply error"""

IDEA = "An error reply with more in it."
SOURCE = "Jupyter messaging specification 5.4, request-reply"
WAY = "shell/any reply/ename, evalue, traceback"
CODE = """
answer(
    "execute_reply",
    {
        "status": "error",
        "ename": "a b " + SECRET,
        "evalue": {"secret": SECRET},
        "traceback": SECRET,
        "secret": SECRET,
    },
)
"""
ABSENT = ["SECRET"]
