"""Attack 031: type with secret"""

IDEA = "The message type is the secret."
SOURCE = "Jupyter messaging specification 5.4, custom messages"
WAY = "any/any/unknown type"
CODE = """
forge(SECRET, {})
"""
ABSENT = ["SECRET"]
