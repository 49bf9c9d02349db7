"""Attack 124: reply count"""

IDEA = "A cell number of text, and one that is a number no cell has."
SOURCE = "Jupyter messaging specification 5.4, execution results"
WAY = "shell/execute_reply/execution_count"
CODE = """
answer("execute_reply", {"status": "ok", "execution_count": SECRET})
"""
ABSENT = ["SECRET"]
