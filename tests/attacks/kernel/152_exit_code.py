"""Attack 152: exit code"""

IDEA = "One byte of the secret as the exit code."
SOURCE = "wait status"
WAY = "outside/process/exit code"
CODE = """
import os

os._exit(77)
"""
ABSENT = ["SECRET"]
ENDS = True
EXIT_CODE = 77
