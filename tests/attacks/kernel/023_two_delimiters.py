"""Attack 023: two delimiters"""

IDEA = "A second message behind a second delimiter."
SOURCE = "parser differential"
WAY = "any/any/frames"
CODE = """
s = signed("stream", {"name": "stdout", "text": "."})
k.iopub_socket.send_multipart(
    [b"x", b"<IDS|MSG>", *s, b"<IDS|MSG>", *signed("stream", {"name": "stdout", "text": SECRET})]
)
"""
ABSENT = ["SECRET"]
