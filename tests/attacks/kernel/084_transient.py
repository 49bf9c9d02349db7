"""Attack 084: transient"""

IDEA = "Transient data is delivered and not stored."
SOURCE = "Jupyter messaging specification 5.4, display data"
WAY = "iopub/display_data/transient"
CODE = """
forge("display_data", {"data": {"text/plain": "."}, "metadata": {}, "transient": {"secret": SECRET}})
"""
ABSENT = ["SECRET"]
