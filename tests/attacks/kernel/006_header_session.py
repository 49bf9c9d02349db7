"""Attack 006: header session"""

IDEA = "Speak in a session whose name is the secret."
SOURCE = "Jupyter messaging specification 5.4, general message format"
WAY = "any/any/header"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, header={"session": SECRET})
"""
ABSENT = ["SECRET"]
