"""Attack 019: unsigned"""

IDEA = "A message without a true signature."
SOURCE = "Jupyter messaging specification 5.4, wire protocol"
WAY = "any/any/frames"
CODE = """
k.iopub_socket.send_multipart(
    [b"stream", b"<IDS|MSG>", b"0" * 64, *signed("stream", {"name": "stdout", "text": SECRET})[1:]]
)
"""
ABSENT = ["SECRET"]
