"""Attack 176: remount"""

IDEA = "Make the system writable."
SOURCE = "mount(2), MS_REMOUNT"
WAY = "outside/files/of the host"
CODE = """
import ctypes

if ctypes.CDLL(None).mount(None, b"/usr", None, 32 | 4096, None) == 0:
    won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
