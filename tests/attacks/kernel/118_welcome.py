"""Attack 118: welcome"""

IDEA = "The welcome names a topic."
SOURCE = "Jupyter messaging specification 5.4, iopub welcome"
WAY = "iopub/iopub_welcome/subscription"
CODE = """
forge("iopub_welcome", {"subscription": SECRET})
"""
ABSENT = ["SECRET"]
