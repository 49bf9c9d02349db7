"""Attack 160: other processes"""

IDEA = "List what else runs here, with its command lines."
SOURCE = "proc(5)"
WAY = "outside/process/signals"
CODE = """
import os

for pid in os.listdir("/proc"):
    if (
        pid.isdigit()
        and b"kernel_guard.wrapper" in open(f"/proc/{pid}/cmdline", "rb").read()
        and b"-f" in open(f"/proc/{pid}/cmdline", "rb").read()
    ):
        won()
"""
ABSENT = ["SECRET"]
