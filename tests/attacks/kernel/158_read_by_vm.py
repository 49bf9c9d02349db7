"""Attack 158: read by vm"""

IDEA = "Read another process without a file."
SOURCE = "process_vm_readv(2)"
WAY = "outside/process/signals"
CODE = """
import ctypes

buffer = ctypes.create_string_buffer(8)


class Vec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


local = Vec(ctypes.addressof(buffer), 8)
if (
    ctypes.CDLL(None).process_vm_readv(
        T["wrapper"], ctypes.byref(local), 1, ctypes.byref(Vec(0x400000, 8)), 1, 0
    )
    > 0
):
    won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
