"""Attack 046: reparented"""

IDEA = "Put output under an earlier cell, in fields that do not pass in any cell."
SOURCE = "prototype of this guard, an attack that worked"
WAY = "any/any/another cell's parent"
CODE = """
forge(
    "display_data",
    {"data": {"text/plain": ".", "application/x-secret": SECRET}, "metadata": {"secret": SECRET}},
    parent={"msg_id": FIRST_CELL},
)
"""
ABSENT = ["SECRET"]
