"""Attack 020: too few frames"""

IDEA = "A message that ends early."
SOURCE = "parser differential"
WAY = "any/any/frames"
CODE = """
k.iopub_socket.send_multipart([b"stream", b"<IDS|MSG>", SECRET.encode()])
"""
ABSENT = ["SECRET"]
