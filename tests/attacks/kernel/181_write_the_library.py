"""Attack 181: write the library"""

IDEA = "Change a library that the guard itself imports."
SOURCE = "supply chain"
WAY = "outside/files/of the host"
CODE = """
import orjson, os

for folder in (os.path.dirname(orjson.__file__), os.path.dirname(os.__file__)):
    open(folder + "/" + T["name"], "w").close()
    os.unlink(folder + "/" + T["name"])
    won()
"""
ABSENT = ["SECRET"]
