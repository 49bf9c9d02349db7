"""Attack 143: usage"""

IDEA = "Host name and process id of the kernel."
SOURCE = "ipykernel, usage_request"
WAY = "control/usage_reply/any"
CODE = """
on("usage_request", {"hostname": SECRET, "pid": SECRET, "kernel_cpu": SECRET}, "control")
"""
ABSENT = ["SECRET"]
THEN = [("usage_request", {}, "control")]
