"""Attack 016: stream buffers"""

IDEA = "Buffers are outside the signature, and a stream has none."
SOURCE = "Jupyter messaging specification 5.4, binary buffers"
WAY = "any/any/buffers"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, buffers=[SECRET.encode()])
"""
ABSENT = ["SECRET"]
