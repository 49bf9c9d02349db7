"""Attack 096: error traceback"""

IDEA = "A traceback of structures, and of three hundred lines."
SOURCE = "Jupyter messaging specification 5.4, execution errors"
WAY = "iopub/error/traceback"
CODE = """
forge("error", {"ename": "E", "evalue": "", "traceback": [{"secret": SECRET}]})
forge("error", {"ename": "E", "evalue": "", "traceback": ["."] * 300 + [SECRET]})
"""
ABSENT = ["SECRET"]
