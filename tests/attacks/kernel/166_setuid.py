"""Attack 166: setuid"""

IDEA = "Become somebody else."
SOURCE = "setuid(2)"
WAY = "outside/process/signals"
CODE = """
import os

was = os.getuid()
os.setuid(0 if was else 12345)
if os.getuid() != was or was == 0:
    won()
"""
ABSENT = ["SECRET"]
FRESH = True
