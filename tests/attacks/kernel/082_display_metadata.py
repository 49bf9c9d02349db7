"""Attack 082: display metadata"""

IDEA = "Metadata of a display stays in the notebook."
SOURCE = "Jupyter messaging specification 5.4, display data"
WAY = "iopub/display_data/metadata"
CODE = """
display({"text/plain": "."}, metadata={"secret": SECRET, "text/plain": {"secret": SECRET}}, raw=True)
"""
ABSENT = ["SECRET"]
