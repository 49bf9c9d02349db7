"""Attack 154: core dump"""

IDEA = "Crash with the secret in memory; the core file, or the host's handler, gets it."
SOURCE = "core(5)"
WAY = "outside/process/core dump"
CODE = """
import ctypes, os, resource

try:
    resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
except (ValueError, OSError):
    pass
if resource.getrlimit(resource.RLIMIT_CORE)[0] not in (0, 1):
    won()
kept = SECRET * 100
ctypes.string_at(0)
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
ENDS = True
