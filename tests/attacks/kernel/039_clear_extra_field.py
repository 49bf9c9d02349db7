"""Attack 039: clear extra field"""

IDEA = "One more field in clear_output."
SOURCE = "Jupyter messaging specification 5.4, clear output"
WAY = "any/any/unknown field"
CODE = """
forge("clear_output", {"wait": True, "secret": SECRET})
"""
ABSENT = ["SECRET"]
