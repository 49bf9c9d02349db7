"""Attack 017: display buffers"""

IDEA = "Buffers beside a display."
SOURCE = "Jupyter messaging specification 5.4, binary buffers"
WAY = "any/any/buffers"
CODE = """
forge("display_data", {"data": {"text/plain": "."}, "metadata": {}}, buffers=[SECRET.encode()])
"""
ABSENT = ["SECRET"]
