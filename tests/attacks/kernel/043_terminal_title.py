"""Attack 043: terminal title"""

IDEA = "Set the title of the reader's terminal."
SOURCE = "xterm control sequences, OSC 0"
WAY = "iopub/stream/text"
CODE = r"""
print("\x1b]0;" + SECRET + "\x07.")
"""
ABSENT = ["SECRET"]
