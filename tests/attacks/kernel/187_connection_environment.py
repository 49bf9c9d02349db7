"""Attack 187: connection environment"""

IDEA = "The path or key in environment, arguments or open files."
SOURCE = "proc(5)"
WAY = "outside/files/connection file"
CODE = """
import os

print(dict(os.environ), open("/proc/self/environ").read(), open("/proc/self/cmdline").read())
for fd in os.listdir("/proc/self/fd"):
    try:
        print(
            os.readlink("/proc/self/fd/" + fd),
            open("/proc/self/fd/" + fd, "rb").read(100)
            if int(fd) > 2 and "memfd" in os.readlink("/proc/self/fd/" + fd)
            else "",
        )
    except OSError:
        pass
"""
ABSENT = ["OUTER"]
WORKS_UNGUARDED = False
