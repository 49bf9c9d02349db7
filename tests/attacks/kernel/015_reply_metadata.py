"""Attack 015: reply metadata"""

IDEA = "Metadata of a reply."
SOURCE = "Jupyter messaging specification 5.4, general message format"
WAY = "any/any/metadata"
CODE = """
answer("execute_reply", {"status": "ok", "execution_count": 1}, metadata={"secret": SECRET})
"""
ABSENT = ["SECRET"]
