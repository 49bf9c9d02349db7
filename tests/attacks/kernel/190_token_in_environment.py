"""Attack 190: token in environment"""

IDEA = "The token, or where it lies, in the environment of anyone here."
SOURCE = "proc(5)"
WAY = "outside/files/secrets"
CODE = """
import os

for pid in ["self", "thread-self", "1", *(p for p in os.listdir("/proc") if p.isdigit())]:
    try:
        print(open(f"/proc/{pid}/environ").read(), open(f"/proc/{pid}/cmdline").read())
    except OSError:
        pass
"""
ABSENT = ["TOKEN", "TOKENFILE"]
WORKS_UNGUARDED = False
