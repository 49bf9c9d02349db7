"""Attack 145: interrupt"""

IDEA = "A traceback in the reply to an interrupt."
SOURCE = "ipykernel, interrupt_request"
WAY = "control/interrupt_reply/any"
CODE = """
on(
    "interrupt_request",
    {"status": "error", "ename": SECRET, "evalue": SECRET, "traceback": [SECRET]},
    "control",
)
"""
ABSENT = ["SECRET"]
THEN = [("interrupt_request", {}, "control")]
