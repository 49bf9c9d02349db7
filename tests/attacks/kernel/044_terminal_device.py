"""Attack 044: terminal device"""

IDEA = "A device control string, which some terminals answer by typing."
SOURCE = "xterm control sequences, DCS"
WAY = "iopub/stream/text"
CODE = r"""
print("\x1bP+q" + SECRET + "\x1b\\.")
print("\x90" + SECRET + "\x9c.")
"""
ABSENT = ["SECRET"]
