"""Attack 186: connection file"""

IDEA = "The client's key, to speak in the guard's place."
SOURCE = "Jupyter connection files"
WAY = "outside/files/connection file"
CODE = """
print(open(T["connection"]).read())
"""
ABSENT = ["OUTER"]
WORKS_UNGUARDED = False
