"""Attack 134: inspection found"""

IDEA = "Found: the secret."
SOURCE = "Jupyter messaging specification 5.4, introspection"
WAY = "shell/inspect_reply/found"
CODE = """
on("inspect_request", {"status": "ok", "found": SECRET, "data": {}, "metadata": {}})
"""
ABSENT = ["SECRET"]
THEN = [("inspect_request", {"code": "x", "cursor_pos": 1})]
