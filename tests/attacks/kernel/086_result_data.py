"""Attack 086: result data"""

IDEA = "The result of a cell with a type that is not shown."
SOURCE = "Jupyter messaging specification 5.4, execution results"
WAY = "iopub/execute_result/data"
CODE = """
forge(
    "execute_result",
    {"execution_count": 1, "data": {"text/plain": ".", "text/x-secret": SECRET}, "metadata": {}},
)
"""
ABSENT = ["SECRET"]
