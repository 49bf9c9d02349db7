"""Attack 202: abstract socket"""

IDEA = "A socket without a file."
SOURCE = "unix(7), abstract"
WAY = "outside/network/unix sockets"
CODE = r"""
import socket

s = socket.socket(socket.AF_UNIX)
s.connect("\0" + T["abstract"])
s.sendall(SECRET.encode())
"""
ABSENT = ["SECRET"]
WAIT = 0.2
