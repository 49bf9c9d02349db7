"""Attack 008: header version"""

IDEA = "Hide it in the protocol version."
SOURCE = "Jupyter messaging specification 5.4, general message format"
WAY = "any/any/header"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, header={"version": SECRET})
"""
ABSENT = ["SECRET"]
