"""Attack 101: comm id"""

IDEA = "A comm whose id is the secret."
SOURCE = "Jupyter messaging specification 5.4, comms"
WAY = "iopub/comm_open/comm_id"
CODE = """
forge("comm_open", {"comm_id": SECRET, "target_name": "jupyter.widget", "data": {}})
"""
ABSENT = ["SECRET"]
