"""Attack 198: raw socket"""

IDEA = "Packets of one's own."
SOURCE = "packet(7), netlink(7), vsock(7)"
WAY = "outside/network/any"
CODE = """
import socket

for family, kind in ((17, 3), (16, 3), (40, 1), (38, 5), (2, 3)):
    try:
        socket.socket(family, kind)
        won()
    except OSError:
        pass
"""
ABSENT = ["SECRET"]
