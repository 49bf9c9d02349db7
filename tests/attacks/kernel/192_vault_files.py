"""Attack 192: vault files"""

IDEA = "The vault's data, ledger and keys."
SOURCE = "data at rest"
WAY = "outside/files/secrets"
CODE = """
import os

for path in T["data"]:
    try:
        open(path, "rb").read(1)
        won()
    except OSError:
        pass
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
