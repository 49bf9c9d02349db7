"""Attack 159: steal a descriptor"""

IDEA = "Copy an open file out of another process."
SOURCE = "pidfd_getfd(2)"
WAY = "outside/process/signals"
CODE = """
import ctypes, os

pid_fd = os.pidfd_open(T["wrapper"])
if ctypes.CDLL(None).syscall(438, pid_fd, 3, 0) >= 0:
    won()
"""
ABSENT = ["SECRET"]
