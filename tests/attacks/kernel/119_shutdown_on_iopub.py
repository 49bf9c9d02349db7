"""Attack 119: shutdown on iopub"""

IDEA = "A reply to a shutdown that was not asked for."
SOURCE = "Jupyter messaging specification 5.4, kernel shutdown"
WAY = "iopub/shutdown_reply/any"
CODE = """
forge("shutdown_reply", {"restart": SECRET, "secret": SECRET})
"""
ABSENT = ["SECRET"]
