"""Attack 123: reply aborted"""

IDEA = "Say that the cell was not run, with a reason of one's own."
SOURCE = "Jupyter messaging specification 5.4, request-reply"
WAY = "shell/any reply/type"
CODE = """
answer("execute_reply", {"status": "aborted", "secret": SECRET})
"""
ABSENT = ["SECRET"]
