"""Attack 151: descriptors"""

IDEA = "Write to the real standard output, which the server logs."
SOURCE = "ipykernel keeps copies of 1 and 2"
WAY = "outside/process/file descriptors 1 and 2"
CODE = r"""
import os

for fd in (1, 2, *range(3, 20)):
    try:
        os.write(fd, SECRET.encode() + b"\n") if fd < 3 else None
    except OSError:
        pass
"""
ABSENT = ["SECRET_IN_LOG"]
WORKS_UNGUARDED = False
WAIT = 0.3
