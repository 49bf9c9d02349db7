"""Attack 138: history"""

IDEA = "A history that never happened."
SOURCE = "Jupyter messaging specification 5.4, history"
WAY = "shell/history_reply/history"
CODE = """
on("history_request", {"status": "ok", "history": [[0, 1, SECRET]]})
"""
ABSENT = ["SECRET"]
THEN = [("history_request", {"hist_access_type": "tail", "n": 5, "output": True, "raw": True})]
