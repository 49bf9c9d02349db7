"""Attack 035: stream extra field"""

IDEA = "One more field in a stream."
SOURCE = "Jupyter messaging specification 5.4, streams"
WAY = "any/any/unknown field"
CODE = """
forge("stream", {"name": "stdout", "text": ".", "secret": SECRET})
"""
ABSENT = ["SECRET"]
