"""Attack 219: badge by update"""

IDEA = "Turn an ordinary output into a badge afterwards."
SOURCE = "forged provenance"
WAY = "outside/vault/badge"
CODE = """
handle = display(".", display_id="later")
handle.update(
    {"application/vnd.kernel-guard.release+json": {"statement": {"id": SECRET}}, "text/plain": "."}, raw=True
)
"""
ABSENT = ["SECRET"]
