"""Attack 162: new user namespace"""

IDEA = "Become root in a user namespace of one's own: most kernel faults begin so."
SOURCE = "user_namespaces(7)"
WAY = "outside/process/signals"
CODE = """
import ctypes, os

if os.fork() == 0:
    os._exit(0 if ctypes.CDLL(None).unshare(0x10000000) == 0 else 1)
if os.waitstatus_to_exitcode(os.wait()[1]) == 0:
    won()
"""
ABSENT = ["SECRET"]
