"""Attack 184: shared memory"""

IDEA = "A memory segment that somebody of this machine shares."
SOURCE = "shm_overview(7)"
WAY = "outside/files/of the host"
CODE = """
print(open("/dev/shm/" + T["shm"]).read())
"""
ABSENT = ["HOST"]
