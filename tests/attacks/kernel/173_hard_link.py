"""Attack 173: hard link"""

IDEA = "Through a second name."
SOURCE = "link(2)"
WAY = "outside/files/of the host"
CODE = """
import os

os.link(T["file"], "hard-%d" % os.getpid())
print(open("hard-%d" % os.getpid()).read())
"""
ABSENT = ["HOST"]
WORKS_UNGUARDED = False
