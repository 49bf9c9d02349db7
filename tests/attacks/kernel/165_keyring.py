"""Attack 165: keyring"""

IDEA = "Keys that other processes of this user keep in the kernel."
SOURCE = "keyrings(7)"
WAY = "outside/process/signals"
CODE = """
import ctypes

if ctypes.CDLL(None).syscall(250, 0, -4, 1) >= 0:
    won()
"""
ABSENT = ["SECRET"]
