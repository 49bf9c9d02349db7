"""Attack 095: error value"""

IDEA = "An error's value that is a structure."
SOURCE = "Jupyter messaging specification 5.4, execution errors"
WAY = "iopub/error/evalue"
CODE = """
forge("error", {"ename": "E", "evalue": {"secret": SECRET}, "traceback": []})
"""
ABSENT = ["SECRET"]
