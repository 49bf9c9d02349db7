"""Attack 012: parent empty"""

IDEA = "Output without a parent goes to whoever listens."
SOURCE = "ipykernel, outputs at start-up"
WAY = "any/any/parent_header"
CODE = """
forge("stream", {"name": "stdout", "text": SECRET}, parent={})
"""
ABSENT = ["SECRET"]
