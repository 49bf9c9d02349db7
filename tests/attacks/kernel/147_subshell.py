"""Attack 147: subshell"""

IDEA = "A subshell whose id is the secret."
SOURCE = "Jupyter enhancement proposal 91, subshells"
WAY = "control/create_subshell_reply/subshell_id"
CODE = """
on("create_subshell_request", {"status": "ok", "subshell_id": SECRET}, "control")
"""
ABSENT = ["SECRET"]
THEN = [("create_subshell_request", {}, "control")]
