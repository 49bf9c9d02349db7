"""Attack 196: outside world"""

IDEA = "Connect to another host."
SOURCE = "ip(7)"
WAY = "outside/network/any"
CODE = """
import socket

for address in ("192.0.2.1", "198.51.100.1"):
    s = socket.socket()
    s.settimeout(0.5)
    try:
        s.connect((address, 443))
        won()
    except OSError as problem:
        if isinstance(problem, TimeoutError):
            won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
