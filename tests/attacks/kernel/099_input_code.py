"""Attack 099: input code"""

IDEA = "Show other code than what was run."
SOURCE = "Jupyter messaging specification 5.4, code inputs"
WAY = "iopub/execute_input/code"
CODE = """
forge("execute_input", {"code": SECRET, "execution_count": 1})
"""
ABSENT = ["SECRET"]
