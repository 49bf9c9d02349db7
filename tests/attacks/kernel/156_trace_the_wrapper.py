"""Attack 156: trace the wrapper"""

IDEA = "Attach to the guard and read its memory."
SOURCE = "ptrace(2)"
WAY = "outside/process/signals"
CODE = """
import ctypes

if ctypes.CDLL(None, use_errno=True).ptrace(0x4206, T["wrapper"], 0, 0) == 0:
    won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
