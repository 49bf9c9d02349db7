"""Attack 180: change a file"""

IDEA = "One bit by the mode of a file, one by its time."
SOURCE = "chmod(2), utime(2)"
WAY = "outside/files/of the host"
CODE = """
import os

for change in (
    lambda: os.chmod(T["file"], 0o604),
    lambda: os.utime(T["file"], (1, 1)),
    lambda: os.truncate(T["file"], 1),
):
    try:
        change()
    except OSError:
        pass
"""
ABSENT = ["SECRET"]
