"""Attack 203: vault socket"""

IDEA = "The vault's own socket, past the relay."
SOURCE = "unix(7)"
WAY = "outside/network/unix sockets"
CODE = """
import socket

s = socket.socket(socket.AF_UNIX)
s.connect(T["vault"])
won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
