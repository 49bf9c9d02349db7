"""Attack 007: header date"""

IDEA = "Hide it in the date, which nothing checks."
SOURCE = "Jupyter messaging specification 5.4, general message format"
WAY = "any/any/header"
CODE = """
forge("stream", {"name": "stdout", "text": "."}, header={"date": SECRET})
"""
ABSENT = ["SECRET"]
