"""Attack 191: signing key"""

IDEA = "The key that signs labels."
SOURCE = "credentials on disk"
WAY = "outside/files/secrets"
CODE = """
print(open(T["key"]).read())
won()
"""
ABSENT = ["SECRET"]
WORKS_UNGUARDED = False
