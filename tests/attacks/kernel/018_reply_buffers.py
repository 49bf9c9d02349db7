"""Attack 018: reply buffers"""

IDEA = "Buffers beside a reply."
SOURCE = "Jupyter messaging specification 5.4, binary buffers"
WAY = "any/any/buffers"
CODE = """
answer("execute_reply", {"status": "ok", "execution_count": 1}, buffers=[SECRET.encode()])
"""
ABSENT = ["SECRET"]
