"""Attack 103: comm target module"""

IDEA = "Old front ends load the module that is named here."
SOURCE = "Jupyter messaging specification 5.4, comms"
WAY = "iopub/comm_open/target_module"
CODE = """
forge(
    "comm_open", {"comm_id": "a" * 32, "target_name": "jupyter.widget", "target_module": SECRET, "data": {}}
)
"""
ABSENT = ["SECRET"]
