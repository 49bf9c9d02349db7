"""Attack 220: heartbeat"""

IDEA = "Answer the heartbeat with the secret."
SOURCE = "Jupyter messaging specification 5.4, heartbeat"
WAY = "heartbeat/echo/bytes"
CODE = """
import threading
import ipykernel.heartbeat

for thread in threading.enumerate():
    if hasattr(thread, "socket") and "eartbeat" in type(thread).__name__:
        import zmq

        thread.socket.close(0)
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
FRESH = True
BEAT = True
