"""Attack 144: debugger"""

IDEA = "Variables through the debugger."
SOURCE = "Debug Adapter Protocol"
WAY = "control/debug_reply/any"
CODE = """
on(
    "debug_request",
    {"type": "response", "success": True, "body": {"variables": [{"name": SECRET, "value": SECRET}]}},
    "control",
)
"""
ABSENT = ["SECRET"]
THEN = [("debug_request", {"type": "request", "seq": 1, "command": "inspectVariables", "arguments": {}}, "control")]
