"""Attack 004: header msg id"""

IDEA = "Choose the message id."
SOURCE = "Jupyter messaging specification 5.4, general message format"
WAY = "any/any/header"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, header={"msg_id": SECRET})
"""
ABSENT = ["SECRET"]
