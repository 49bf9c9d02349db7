"""Attack 040: stream name"""

IDEA = "A third stream, named by the secret."
SOURCE = "Jupyter messaging specification 5.4, streams"
WAY = "iopub/stream/name"
CODE = """
forge("stream", {"name": SECRET, "text": "."})
"""
ABSENT = ["SECRET"]
