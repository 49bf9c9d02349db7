"""Attack 164: watch the library"""

IDEA = "Watch which shared files others open: two sandboxes talk so."
SOURCE = "inotify(7)"
WAY = "outside/process/signals"
CODE = """
import ctypes

if ctypes.CDLL(None).inotify_init() >= 0:
    won()
"""
ABSENT = ["SECRET"]
