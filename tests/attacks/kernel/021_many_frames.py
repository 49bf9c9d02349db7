"""Attack 021: many frames"""

IDEA = "Two thousand frames."
SOURCE = "parser differential"
WAY = "any/any/frames"
CODE = """
k.iopub_socket.send_multipart([SECRET.encode()] * 2000)
"""
ABSENT = ["SECRET"]
