"""Attack 120: reply type"""

IDEA = "Answer something else than what was asked."
SOURCE = "confusion of replies"
WAY = "shell/any reply/type"
CODE = """
answer("kernel_info_reply", {"status": "ok", "banner": SECRET})
answer("inspect_reply", {"status": "ok", "found": True, "data": {"text/plain": SECRET}, "metadata": {}})
"""
ABSENT = ["SECRET"]
