"""Attack 047: flood of messages"""

IDEA = "Thirty thousand displays, to carry more than a cell may show."
SOURCE = "denial of service"
WAY = "any/any/a flood"
CODE = """
frames = [b"x", b"<IDS|MSG>", *signed("display_data", {"data": {"text/plain": "."}, "metadata": {}})]
for number in range(25_000):
    k.iopub_socket.send_multipart(frames)
display({"text/plain": SECRET}, raw=True)
"""
ABSENT = ["SECRET"]
WAIT = 3
TIMEOUT = 120
SLOW = True
