"""Attack 005: header username"""

IDEA = "Speak as a user whose name is the secret."
SOURCE = "Jupyter messaging specification 5.4, general message format"
WAY = "any/any/header"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, header={"username": SECRET})
"""
ABSENT = ["SECRET"]
