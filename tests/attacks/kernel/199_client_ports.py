"""Attack 199: client ports"""

IDEA = "Connect to the sockets that Jupyter's clients use."
SOURCE = "Jupyter over TCP"
WAY = "outside/network/any"
CODE = """
import socket

for port in T["client_ports"]:
    try:
        socket.create_connection(("127.0.0.1", port), 1)
        won()
    except OSError:
        pass
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
