"""Attack 178: write to the host"""

IDEA = "Leave the secret in a file of the host."
SOURCE = "open(2)"
WAY = "outside/files/of the host"
CODE = """
open(T["folder"] + "/left", "w").write(SECRET)
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = True
