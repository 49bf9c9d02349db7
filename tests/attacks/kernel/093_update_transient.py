"""Attack 093: update transient"""

IDEA = "Transient data that comes with an update."
SOURCE = "Jupyter messaging specification 5.4, update display data"
WAY = "iopub/update_display_data/transient"
CODE = """
handle = display(".", display_id="kept")
forge(
    "update_display_data",
    {"data": {"text/plain": "."}, "metadata": {}, "transient": {"display_id": "kept", "secret": SECRET}},
)
"""
ABSENT = ["SECRET"]
