"""Attack 041: stream text not text"""

IDEA = "A stream whose text is a structure."
SOURCE = "type confusion"
WAY = "any/any/malformed value"
CODE = """
forge("stream", {"name": "stdout", "text": {"secret": SECRET}})
forge("stream", {"name": "stdout", "text": [SECRET]})
"""
ABSENT = ["SECRET"]
