"""Attack 211: endless body"""

IDEA = "A body without end, to stall or fill the guard."
SOURCE = "denial of service"
WAY = "outside/vault/relay"
CODE = """
try:
    print(vault_call("POST", "/v1/quote", b"x" * 3_000_000)[0])
except Exception:
    pass
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
FRESH = True
