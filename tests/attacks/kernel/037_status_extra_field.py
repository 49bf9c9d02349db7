"""Attack 037: status extra field"""

IDEA = "One more field in a status."
SOURCE = "Jupyter messaging specification 5.4, kernel status"
WAY = "any/any/unknown field"
CODE = """
forge("status", {"execution_state": "busy", "secret": SECRET})
"""
ABSENT = ["SECRET"]
