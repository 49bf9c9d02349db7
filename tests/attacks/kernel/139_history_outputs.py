"""Attack 139: history outputs"""

IDEA = "The history's stored outputs."
SOURCE = "Jupyter messaging specification 5.4, history"
WAY = "shell/history_reply/history"
CODE = """
get_ipython().history_manager.output_hist_reprs[1] = SECRET
on("history_request", {"status": "ok", "history": [[0, 1, ["x", SECRET]]]})
"""
ABSENT = ["SECRET"]
THEN = [("history_request", {"hist_access_type": "range", "start": 0, "stop": 99, "output": True, "raw": True})]
