"""Attack 022: no delimiter"""

IDEA = "Frames without a delimiter, which a proxy that forwards raw frames would pass."
SOURCE = "parser differential"
WAY = "any/any/frames"
CODE = """
k.iopub_socket.send_multipart([SECRET.encode(), b"x"])
"""
ABSENT = ["SECRET"]
