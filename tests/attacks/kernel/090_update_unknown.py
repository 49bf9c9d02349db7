"""Attack 090: update unknown"""

IDEA = "Update a display that was never shown."
SOURCE = "Jupyter messaging specification 5.4, update display data"
WAY = "iopub/update_display_data/display_id"
CODE = """
forge(
    "update_display_data",
    {"data": {"text/plain": SECRET}, "metadata": {}, "transient": {"display_id": "never"}},
)
"""
ABSENT = ["SECRET"]
