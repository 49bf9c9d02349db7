"""Attack 030: custom type"""

IDEA = "A message type of one's own."
SOURCE = "Jupyter messaging specification 5.4, custom messages"
WAY = "any/any/unknown type"
CODE = """
forge("custom_leak", {"secret": SECRET})
"""
ABSENT = ["SECRET"]
