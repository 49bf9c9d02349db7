"""Attack 306: terminal"""

IDEA = "A terminal is a shell of the server's user."
SOURCE = "jupyter_server_terminals"
REQUESTS = [("POST", "api/terminals", ""), ("GET", "api/terminals", None), ("GET", "terminals/websocket/1", None)]
