"""Attack 115: comm close id"""

IDEA = "Close a comm whose id is the secret."
SOURCE = "Jupyter messaging specification 5.4, comms"
WAY = "iopub/comm_close/comm_id"
CODE = """
forge("comm_close", {"comm_id": SECRET, "data": {}})
"""
ABSENT = ["SECRET"]
