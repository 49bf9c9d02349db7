"""Attack 213: badge in capitals"""

IDEA = "The same type in other letters."
SOURCE = "RFC 2045 section 5.1"
WAY = "outside/vault/badge"
CODE = """
display(
    {
        "Application/VND.Kernel-Guard.release+json": {"statement": SECRET},
        "application/vnd.kernel-guard.release+json ": SECRET,
        "text/plain": ".",
    },
    raw=True,
)
"""
ABSENT = ["SECRET"]
