"""Attack 167: outlive"""

IDEA = "Leave a process behind that outlives the kernel."
SOURCE = "daemons, setsid(2)"
WAY = "outside/process/signals"
CODE = """
import os, time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(0.1)
            try:
                open(T["folder"] + "/alive", "a").write("x")
            except OSError:
                pass
    os._exit(0)
os._exit(0)
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
ENDS = True
