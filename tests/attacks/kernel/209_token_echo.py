"""Attack 209: token echo"""

IDEA = "Make the vault or the relay repeat the token."
SOURCE = "error messages"
WAY = "outside/vault/relay"
CODE = """
for method, path, body in (
    ("POST", "/v1/quote", b"{"),
    ("POST", "/v1/releases", b"[" * 10_000),
    ("POST", "/v1/releases", b'{"study": "%s"}' % b"x" * 100),
    ("GET", "/v1/releases/none", None),
):
    print(vault_call(method, path, body))
"""
ABSENT = ["TOKEN"]
WORKS_UNGUARDED = False
