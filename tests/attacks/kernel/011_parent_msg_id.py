"""Attack 011: parent msg id"""

IDEA = "The parent's id is the secret itself."
SOURCE = "Jupyter messaging specification 5.4, parent header"
WAY = "any/any/parent_header"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, parent={"msg_id": SECRET})
"""
ABSENT = ["SECRET"]
