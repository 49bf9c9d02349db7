"""Attack 183: dev mem"""

IDEA = "The machine's memory, disks and messages."
SOURCE = "mem(4), kmsg"
WAY = "outside/files/of the host"
CODE = """
import os

for path in ("/dev/mem", "/dev/kmsg", "/proc/kcore", "/dev/sda", "/dev/vda", "/dev/nvme0n1"):
    try:
        os.close(os.open(path, os.O_RDONLY))
        won()
    except OSError:
        pass
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
