"""Attack 148: subshell list"""

IDEA = "A list of subshells that are secrets."
SOURCE = "Jupyter enhancement proposal 91, subshells"
WAY = "control/list_subshell_reply/subshell_id"
CODE = """
on("list_subshell_request", {"status": "ok", "subshell_id": [SECRET]}, "control")
"""
ABSENT = ["SECRET"]
THEN = [("list_subshell_request", {}, "control")]
