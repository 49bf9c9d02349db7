"""Attack 089: result count"""

IDEA = "A cell number that is the secret."
SOURCE = "Jupyter messaging specification 5.4, execution results"
WAY = "iopub/execute_result/execution_count"
CODE = """
forge("execute_result", {"execution_count": SECRET, "data": {"text/plain": "."}, "metadata": {}})
"""
ABSENT = ["SECRET"]
