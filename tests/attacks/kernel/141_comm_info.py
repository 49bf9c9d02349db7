"""Attack 141: comm info"""

IDEA = "Names of comms that do not exist."
SOURCE = "Jupyter messaging specification 5.4, comm info"
WAY = "shell/comm_info_reply/comms"
CODE = """
on("comm_info_request", {"status": "ok", "comms": {SECRET: {"target_name": SECRET}}})
"""
ABSENT = ["SECRET"]
THEN = [("comm_info_request", {})]
