"""Attack 098: status text"""

IDEA = "A state of one's own."
SOURCE = "Jupyter messaging specification 5.4, kernel status"
WAY = "iopub/status/execution_state"
CODE = """
forge("status", {"execution_state": SECRET})
forge("status", {"execution_state": "dead", "secret": SECRET})
"""
ABSENT = ["SECRET"]
