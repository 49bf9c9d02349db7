"""Attack 032: reply on iopub"""

IDEA = "A reply on the channel for outputs."
SOURCE = "confusion of channels"
WAY = "any/any/unknown type"
CODE = """
forge("execute_reply", {"status": "ok", "secret": SECRET})
forge("inspect_reply", {"status": "ok", "found": True, "data": {"text/plain": SECRET}, "metadata": {}})
"""
ABSENT = ["SECRET"]
