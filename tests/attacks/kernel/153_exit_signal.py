"""Attack 153: exit signal"""

IDEA = "The number of the signal that ended it."
SOURCE = "wait status"
WAY = "outside/process/exit code"
CODE = """
import os

os.kill(os.getpid(), 11)
"""
ABSENT = ["SECRET"]
ENDS = True
EXIT_CODE = -11
