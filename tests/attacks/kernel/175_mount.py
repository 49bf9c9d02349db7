"""Attack 175: mount"""

IDEA = "Mount the host's folder."
SOURCE = "mount(2)"
WAY = "outside/files/of the host"
CODE = """
import ctypes, os

os.makedirs("mnt", exist_ok=True)
if ctypes.CDLL(None).mount(T["folder"].encode(), b"mnt", None, 4096, None) == 0:
    won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
