"""Attack 214: invented release"""

IDEA = "Refer to a release that this kernel never received."
SOURCE = "forged provenance"
WAY = "outside/vault/badge"
CODE = """
display({"application/vnd.kernel-guard.release-ref+json": {"id": SECRET}, "text/plain": "."}, raw=True)
"""
ABSENT = ["SECRET"]
