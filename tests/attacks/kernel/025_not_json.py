"""Attack 025: not json"""

IDEA = "Content that is no JSON, signed well."
SOURCE = "parser differential"
WAY = "any/any/frames"
CODE = """
raw("stream", SECRET)
"""
ABSENT = ["SECRET"]
