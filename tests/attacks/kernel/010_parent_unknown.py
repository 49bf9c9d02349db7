"""Attack 010: parent unknown"""

IDEA = "Name a parent that nobody asked for."
SOURCE = "Jupyter messaging specification 5.4, parent header"
WAY = "any/any/parent_header"
CODE = """
forge(
    "stream", {"name": "stdout", "text": SECRET}, parent={"msg_id": "nobodys", "msg_type": "execute_request"}
)
"""
ABSENT = ["SECRET"]
