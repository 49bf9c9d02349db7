"""Attack 014: stream metadata"""

IDEA = "Metadata of a stream is shown by no front end and stored by some."
SOURCE = "Jupyter messaging specification 5.4, general message format"
WAY = "any/any/metadata"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, metadata={"secret": SECRET})
"""
ABSENT = ["SECRET"]
