"""Attack 036: error extra field"""

IDEA = "One more field in an error."
SOURCE = "Jupyter messaging specification 5.4, execution errors"
WAY = "any/any/unknown field"
CODE = """
forge("error", {"ename": "E", "evalue": "v", "traceback": [], "secret": SECRET})
"""
ABSENT = ["SECRET"]
