"""Attack 111: comm message unknown"""

IDEA = "A message on a comm that was never opened."
SOURCE = "Jupyter messaging specification 5.4, comms"
WAY = "iopub/comm_msg/comm_id"
CODE = """
forge("comm_msg", {"comm_id": "d" * 32, "data": {"secret": SECRET}}, buffers=[SECRET.encode()])
"""
ABSENT = ["SECRET"]
