"""Attack 206: admin paths"""

IDEA = "Ask the vault for what only a steward may."
SOURCE = "forced browsing"
WAY = "outside/vault/relay"
CODE = """
vault = vault_call
for method, path in (
    ("GET", "/v1/admin"),
    ("GET", "/v1/audit"),
    ("GET", "/v1/grants"),
    ("DELETE", "/v1/releases/1"),
    ("PUT", "/v1/budget"),
    ("POST", "/v1/grants"),
):
    if vault(method, path)[0] != 403:
        won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
