"""Attack 216: own label"""

IDEA = "Bring a label that says: released."
SOURCE = "forged provenance"
WAY = "outside/vault/badge"
CODE = """
display(".", metadata={"kernel_guard": {"zone": "release", "signature": SECRET, "releases": [SECRET]}})
"""
ABSENT = ["SECRET"]
