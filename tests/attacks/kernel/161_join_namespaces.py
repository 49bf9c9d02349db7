"""Attack 161: join namespaces"""

IDEA = "Enter the namespaces of the host."
SOURCE = "setns(2)"
WAY = "outside/process/signals"
CODE = """
import ctypes, os

if ctypes.CDLL(None).setns(os.open("/proc/%d/ns/mnt" % T["wrapper"], os.O_RDONLY), 0) == 0:
    won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
