"""Attack 150: prompt password"""

IDEA = "A password field that is a text."
SOURCE = "Jupyter messaging specification 5.4, stdin"
WAY = "stdin/input_request/password"
CODE = """
ask({"prompt": ".", "password": SECRET, "secret": SECRET})
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
STDIN = True
