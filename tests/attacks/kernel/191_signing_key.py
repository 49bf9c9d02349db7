"""Attack 191: signing key"""

IDEA = "Put a key of one's own among those that vouch for outputs; the wrapper's private key is on no disk."
SOURCE = "credentials on disk"
WAY = "outside/files/secrets"
CODE = """
print(open(T["keys"]).read())
with open(T["keys"], "a") as file:
    file.write("ab" * 32 + "\\n")
won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
