"""Attack 208: another token"""

IDEA = "Ask as somebody else."
SOURCE = "confused deputy"
WAY = "outside/vault/relay"
CODE = """
first = vault_call("GET", "/v1/budget")
if vault_call("GET", "/v1/budget", headers={"Authorization": "Bearer " + "x" * 40})[1] != first[1]:
    won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
