"""Attack 193: journal"""

IDEA = "Write a seal of one's own into the guard's journal."
SOURCE = "forged provenance"
WAY = "outside/files/secrets"
CODE = """
import os

path = os.path.dirname(T["keys"]) + "/seals/mine.jsonl"
open(path, "w").write("{}")
won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
