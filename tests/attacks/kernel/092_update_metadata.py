"""Attack 092: update metadata"""

IDEA = "Metadata that comes with an update."
SOURCE = "Jupyter messaging specification 5.4, update display data"
WAY = "iopub/update_display_data/metadata"
CODE = """
handle = display(".", display_id="kept")
forge(
    "update_display_data",
    {"data": {"text/plain": "."}, "metadata": {"secret": SECRET}, "transient": {"display_id": "kept"}},
)
"""
ABSENT = ["SECRET"]
