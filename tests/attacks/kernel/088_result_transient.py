"""Attack 088: result transient"""

IDEA = "Transient data of a result."
SOURCE = "Jupyter messaging specification 5.4, execution results"
WAY = "iopub/execute_result/transient"
CODE = """
forge(
    "execute_result",
    {
        "execution_count": 1,
        "data": {"text/plain": "."},
        "metadata": {},
        "transient": {"display_id": ".", "secret": SECRET},
    },
)
"""
ABSENT = ["SECRET"]
