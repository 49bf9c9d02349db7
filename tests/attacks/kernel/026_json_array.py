"""Attack 026: json array"""

IDEA = "Content that is a list."
SOURCE = "type confusion"
WAY = "any/any/frames"
CODE = """
raw("stream", '["%s"]' % SECRET)
"""
ABSENT = ["SECRET"]
