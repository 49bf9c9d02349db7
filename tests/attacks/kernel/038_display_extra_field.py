"""Attack 038: display extra field"""

IDEA = "One more field in a display."
SOURCE = "Jupyter messaging specification 5.4, display data"
WAY = "any/any/unknown field"
CODE = """
forge("display_data", {"data": {"text/plain": "."}, "metadata": {}, "source": SECRET, "secret": SECRET})
"""
ABSENT = ["SECRET"]
