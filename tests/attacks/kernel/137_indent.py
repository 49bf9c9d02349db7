"""Attack 137: indent"""

IDEA = "An indent that is not blank."
SOURCE = "Jupyter messaging specification 5.4, code completeness"
WAY = "shell/is_complete_reply/indent"
CODE = """
on("is_complete_request", {"status": "incomplete", "indent": SECRET})
"""
ABSENT = ["SECRET"]
THEN = [("is_complete_request", {"code": "x"})]
