"""Attack 188: inner key"""

IDEA = "Use the kernel's own key at the clients' sockets."
SOURCE = "shared keys"
WAY = "outside/files/connection file"
CODE = """
print(k.session.key.decode())
"""
ABSENT = ["OUTER"]
WORKS_UNGUARDED = False
