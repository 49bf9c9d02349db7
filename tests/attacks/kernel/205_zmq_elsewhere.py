"""Attack 205: zmq elsewhere"""

IDEA = "Let the kernel's own ZeroMQ connect elsewhere."
SOURCE = "ZeroMQ, ipc and tcp"
WAY = "outside/network/unix sockets"
CODE = """
import zmq

context = zmq.Context()
for address in ("tcp://127.0.0.1:%d" % T["port"], "ipc://" + T["unix"]):
    s = context.socket(zmq.STREAM if address.startswith("tcp") else zmq.PUSH)
    s.linger = 100
    try:
        s.connect(address)
    except zmq.ZMQError:
        pass
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
WAIT = 0.5
