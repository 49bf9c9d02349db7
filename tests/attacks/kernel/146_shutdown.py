"""Attack 146: shutdown"""

IDEA = "A last word in the reply to a shutdown."
SOURCE = "Jupyter messaging specification 5.4, kernel shutdown"
WAY = "control/shutdown_reply/any"
CODE = """
on("shutdown_request", {"status": "ok", "restart": SECRET, "secret": SECRET}, "control")
"""
ABSENT = ["SECRET"]
THEN = [("shutdown_request", {"restart": False}, "control")]
FRESH = True
