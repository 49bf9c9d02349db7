"""Attack 222: lengths"""

IDEA = "Say a number by how many blanks are printed."
SOURCE = "covert storage channels"
WAY = "outside/time/number and length of messages"
CODE = """
for byte in SECRET.encode():
    display({"text/plain": " " * byte}, raw=True)
"""
ABSENT = ["SECRET"]
OPEN = "lengths"
BANDWIDTH = "about 6,000 bit/s with one display a byte; up to the cap of 20 MB a cell"
