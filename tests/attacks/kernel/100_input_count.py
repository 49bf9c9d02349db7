"""Attack 100: input count"""

IDEA = "A cell number of text."
SOURCE = "Jupyter messaging specification 5.4, code inputs"
WAY = "iopub/execute_input/execution_count"
CODE = """
forge("execute_input", {"code": ".", "execution_count": SECRET})
"""
ABSENT = ["SECRET"]
