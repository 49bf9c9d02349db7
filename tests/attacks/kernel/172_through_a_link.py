"""Attack 172: through a link"""

IDEA = "Through a symbolic link in one's own home."
SOURCE = "symlink(2)"
WAY = "outside/files/of the host"
CODE = """
import os

os.symlink(T["file"], "link-%d" % os.getpid())
print(open("link-%d" % os.getpid()).read())
"""
ABSENT = ["HOST"]
