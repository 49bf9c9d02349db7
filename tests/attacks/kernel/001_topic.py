"""Attack 001: topic"""

IDEA = "Put the secret into the iopub topic, which a subscriber sees before anything is parsed."
SOURCE = "Jupyter messaging specification 5.4, wire protocol"
WAY = "any/any/route and topic"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, ident=SECRET.encode())
"""
ABSENT = ["SECRET"]
