"""Attack 136: complete status"""

IDEA = "A status of one's own."
SOURCE = "Jupyter messaging specification 5.4, code completeness"
WAY = "shell/is_complete_reply/status"
CODE = """
on("is_complete_request", {"status": SECRET, "indent": ""})
"""
ABSENT = ["SECRET"]
THEN = [("is_complete_request", {"code": "x"})]
