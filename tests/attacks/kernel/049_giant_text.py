"""Attack 049: giant text"""

IDEA = "One text of 60 MB around the secret."
SOURCE = "denial of service"
WAY = "any/any/a giant message"
CODE = """
display({"text/plain": "x" * 60_000_000 + SECRET}, raw=True)
"""
ABSENT = ["SECRET"]
WAIT = 1
TIMEOUT = 120
