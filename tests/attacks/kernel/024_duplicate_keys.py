"""Attack 024: duplicate keys"""

IDEA = "The same JSON key twice: one reader takes the first, another the last."
SOURCE = "parser differential, RFC 8259 section 4"
WAY = "any/any/frames"
CODE = """
raw("stream", '{"name": "stdout", "text": ".", "x": "%s", "x": "y"}' % SECRET)
"""
ABSENT = ["SECRET"]
