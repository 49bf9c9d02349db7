"""Attack 085: display id"""

IDEA = "The display's id is the secret."
SOURCE = "Jupyter messaging specification 5.4, update display data"
WAY = "iopub/display_data/transient"
CODE = """
handle = display(".", display_id=SECRET)
"""
ABSENT = ["SECRET"]
