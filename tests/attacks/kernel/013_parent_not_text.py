"""Attack 013: parent not text"""

IDEA = "A parent id that is no text, to break the look-up."
SOURCE = "type confusion"
WAY = "any/any/parent_header"
CODE = """
forge("stream", {"name": "stdout", "text": SECRET}, parent={"msg_id": {"a": 1}})
"""
ABSENT = ["SECRET"]
