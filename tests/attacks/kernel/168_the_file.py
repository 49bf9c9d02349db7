"""Attack 168: the file"""

IDEA = "Open a file of the host by its name."
SOURCE = "open(2)"
WAY = "outside/files/of the host"
CODE = """
print(open(T["file"]).read())
"""
ABSENT = ["HOST"]
