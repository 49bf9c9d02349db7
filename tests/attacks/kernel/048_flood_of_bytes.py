"""Attack 048: flood of bytes"""

IDEA = "Thirty megabytes, the secret in the last one."
SOURCE = "denial of service"
WAY = "any/any/a flood"
CODE = """
for number in range(30):
    print("x" * 1_000_000)
print(SECRET)
"""
ABSENT = ["SECRET"]
WAIT = 1
TIMEOUT = 120
