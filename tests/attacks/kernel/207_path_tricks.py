"""Attack 207: path tricks"""

IDEA = "The same by dots, encodings, queries and absolute addresses."
SOURCE = "path confusion"
WAY = "outside/vault/relay"
CODE = r"""
for path in (
    "/v1/../v1/audit",
    "/v1/%2e%2e/audit",
    "/v1/studies?x=/v1/audit",
    "/v1/studies#x",
    "http://elsewhere/v1/health",
    "//v1/health",
    "/v1/releases/../audit",
    "/v1/releases/a/b",
    "/v1/health\t",
):
    try:
        if vault_call("GET", path)[0] != 403:
            won()
    except Exception:
        pass
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
