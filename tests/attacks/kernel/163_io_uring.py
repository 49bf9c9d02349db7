"""Attack 163: io uring"""

IDEA = "A ring of calls that no filter sees."
SOURCE = "io_uring_setup(2)"
WAY = "outside/process/signals"
CODE = """
import ctypes

if ctypes.CDLL(None).syscall(425, 4, ctypes.create_string_buffer(120)) >= 0:
    won()
"""
ABSENT = ["SECRET"]
