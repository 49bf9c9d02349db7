"""Attack 009: parent extra key"""

IDEA = "Return the client's own parent header with one more key."
SOURCE = "Jupyter messaging specification 5.4, parent header"
WAY = "any/any/parent_header"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, parent={**k.get_parent()["header"], "secret": SECRET})
"""
ABSENT = ["SECRET"]
