"""Attack 002: routing frames"""

IDEA = "Send frames of one's own before the delimiter."
SOURCE = "Jupyter messaging specification 5.4, wire protocol"
WAY = "any/any/route and topic"
CODE = """
k.iopub_socket.send_multipart(
    [SECRET.encode(), SECRET.encode(), b"<IDS|MSG>", *signed("stream", {"name": "stdout", "text": "."})]
)
"""
ABSENT = ["SECRET"]
