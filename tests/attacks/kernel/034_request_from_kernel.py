"""Attack 034: request from kernel"""

IDEA = "The kernel asks the client to run something."
SOURCE = "confusion of roles"
WAY = "any/any/unknown type"
CODE = """
forge("execute_request", {"code": SECRET, "silent": False})
answer("execute_request", {"code": SECRET})
"""
ABSENT = ["SECRET"]
