"""Attack 185: shadow"""

IDEA = "The machine's password file."
SOURCE = "shadow(5)"
WAY = "outside/files/of the host"
CODE = """
import os

os.close(os.open("/etc/shadow", os.O_RDONLY))
won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
