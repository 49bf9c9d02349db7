"""Attack 223: memory"""

IDEA = "Say a bit by how much memory is held; the status bar shows it."
SOURCE = "covert storage channels"
WAY = "outside/time/memory and processor use"
CODE = """
kept = None


def cell(number):
    global kept
    kept = b"x" * (80 << 20) if BITS[number] == "1" else None
"""
ABSENT = ["SECRET"]
OPEN = "memory"
BANDWIDTH = "about 9 bit/s through usage_request"
