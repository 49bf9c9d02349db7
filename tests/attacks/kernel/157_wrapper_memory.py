"""Attack 157: wrapper memory"""

IDEA = "Read the guard's memory through /proc."
SOURCE = "proc(5)"
WAY = "outside/process/signals"
CODE = """
maps = open("/proc/%d/maps" % T["wrapper"]).read()
if maps:
    won()
open("/proc/%d/mem" % T["wrapper"], "rb").read(1)
"""
ABSENT = ["SECRET"]
