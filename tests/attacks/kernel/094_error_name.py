"""Attack 094: error name"""

IDEA = "An error whose class is named by a text of any length."
SOURCE = "Jupyter messaging specification 5.4, execution errors"
WAY = "iopub/error/ename"
CODE = """
forge("error", {"ename": "a b " + SECRET, "evalue": "", "traceback": []})
"""
ABSENT = ["SECRET"]
