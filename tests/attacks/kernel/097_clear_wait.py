"""Attack 097: clear wait"""

IDEA = "Something other than true or false."
SOURCE = "Jupyter messaging specification 5.4, clear output"
WAY = "iopub/clear_output/wait"
CODE = """
forge("clear_output", {"wait": SECRET})
"""
ABSENT = ["SECRET"]
