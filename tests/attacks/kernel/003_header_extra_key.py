"""Attack 003: header extra key"""

IDEA = "Add a key to the header; clients keep headers whole."
SOURCE = "Jupyter messaging specification 5.4, general message format"
WAY = "any/any/header"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, header={"secret": SECRET})
"""
ABSENT = ["SECRET"]
