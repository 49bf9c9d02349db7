"""Attack 102: comm target"""

IDEA = "A comm to a target of one's own: whatever listens in the page gets it."
SOURCE = "Jupyter messaging specification 5.4, comms"
WAY = "iopub/comm_open/target_name"
CODE = """
from comm import create_comm

create_comm(target_name="leak-" + SECRET, data={"secret": SECRET}).send({"secret": SECRET})
"""
ABSENT = ["SECRET"]
