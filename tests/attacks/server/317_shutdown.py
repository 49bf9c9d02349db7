"""Attack 317: shutdown"""

IDEA = "Stop the server for everybody."
SOURCE = "jupyter_server, /api/shutdown"
REQUESTS = [("POST", "api/shutdown", "")]
