"""Attack 142: connect"""

IDEA = "Ports that are texts."
SOURCE = "Jupyter messaging specification 5.4, connect"
WAY = "shell/connect_reply/ports"
CODE = """
on("connect_request", {"status": "ok", "shell_port": SECRET})
"""
ABSENT = ["SECRET"]
THEN = [("connect_request", {})]
