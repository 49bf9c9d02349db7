"""Attack 029: broken utf8"""

IDEA = "Bytes that are no text."
SOURCE = "parser differential"
WAY = "any/any/frames"
CODE = r"""
raw("stream", b'{"name": "stdout", "text": "' + SECRET.encode() + b'\xff"}')
"""
ABSENT = ["SECRET"]
