"""Attack 117: debug event"""

IDEA = "A debugger's event carries variables."
SOURCE = "Debug Adapter Protocol"
WAY = "iopub/debug_event/any"
CODE = """
forge("debug_event", {"event": "output", "body": {"output": SECRET}})
"""
ABSENT = ["SECRET"]
